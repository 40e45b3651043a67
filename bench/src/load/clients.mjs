import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { DISTINCT_SUBSCRIPTION, QUERY, roomName, SUBSCRIPTION } from '../documents.mjs';
import { DeliveryChecker, Tally } from './checker.mjs';
import { Connection } from './connection.mjs';
import { dialects } from './dialects.mjs';

const CONCURRENCY = 50;

/** All clients of one run. */
export class Clients {
  #dialect;
  #port;
  /** @type {Connection[]} */
  #connections = [];
  #tally = new Tally();
  #expectedEach = 0;
  #answers = 0;
  #gone = 0;
  #paceLine;

  /**
   * @param {object} options
   * @param {string} options.dialect
   * @param {number} options.port
   * @param {number} options.pacePort - where the server waits for word that a turn has arrived
   */
  constructor({ dialect, port, pacePort }) {
    this.#dialect = dialects[dialect];
    this.#port = port;
    this.#paceLine = connect({ port: pacePort, host: '127.0.0.1', noDelay: true });
  }

  /**
   * Connects, some at a time; with `groups` each subscribes too, before the next one connects.
   *
   * @param {{ count: number, groups?: number, distinct?: boolean }} options
   */
  async open({ count, groups, distinct }) {
    await inParallel(count, async () => {
      const index = this.#connections.length;
      const connection = this.#create();
      this.#connections.push(connection);
      await connection.ready();
      if (groups !== undefined) {
        this.#subscribe(connection, index, groups, distinct);
        await connection.fence();
      }
    });
  }

  /** Subscribes with each connection that has not. */
  async subscribe({ groups, distinct }) {
    await inParallel(this.#connections.length, async (index) => {
      const connection = this.#connections[index];
      if (connection.checker !== undefined) return;
      this.#subscribe(connection, index, groups, distinct);
      await connection.fence();
    });
  }

  /**
   * Resolves when each subscription has got so many messages more.
   *
   * @param {object} options
   * @param {number} options.each
   * @param {number} [options.turnEach] - messages of a turn; when all have arrived, the server is told
   * @param {number} options.stallMs - rejects when nothing came for so long
   */
  async expect({ each, turnEach, stallMs }) {
    const connections = this.#connections.length;
    const tally = this.#tally;
    const turn = (turnEach ?? each) * connections;
    let nextTurn = this.#expectedEach * connections + turn;
    this.#expectedEach += each;
    const expected = this.#expectedEach * connections;
    await new Promise((resolve, reject) => {
      let seen = tally.delivered;
      const watch = setInterval(() => {
        if (tally.delivered === seen) {
          clearInterval(watch);
          reject(new Error(`Nothing came for ${stallMs} ms`));
        }
        seen = tally.delivered;
      }, stallMs);
      tally.onDelivery = () => {
        if (turnEach !== undefined && tally.delivered >= nextTurn) {
          nextTurn += turn;
          this.#paceLine.write('.');
        }
        if (tally.delivered < expected) return;
        clearInterval(watch);
        resolve();
      };
      // They may have come before anybody asked.
      if (tally.delivered >= nextTurn) tally.onDelivery();
    });
    tally.onDelivery = () => {};
  }

  /** Asks again and again, each connection one query at a time. */
  async query({ queries }) {
    let asked = 0;
    await Promise.all(
      this.#connections.map(async (connection) => {
        while (asked < queries) {
          asked += 1;
          await this.#ask(connection);
        }
      }),
    );
  }

  /** What went wrong until now, after everything that is on its way has come. */
  async faults() {
    await Promise.race([
      Promise.all(this.#connections.map((connection) => connection.fence())),
      new Promise((resolve) => setTimeout(resolve, 5_000)),
    ]);
    const { reordered, repeated, unexpected, firstUnexpected } = this.#tally;
    let lost = 0;
    for (const { checker } of this.#connections) {
      if (checker !== undefined) lost += checker.missing + this.#expectedEach - checker.next;
    }
    return { lost, reordered, repeated, unexpected, firstUnexpected, gone: this.#gone };
  }

  get delivered() {
    return this.#tally.delivered;
  }

  close() {
    for (const connection of this.#connections) connection.destroy();
  }

  #create() {
    /** @type {Connection} */
    const connection = new Connection({
      dialect: this.#dialect,
      port: this.#port,
      onMessage: (heard, bytes) => this.#heard(connection, heard, bytes),
      onGone: () => {
        this.#gone += 1;
      },
    });
    return connection;
  }

  #subscribe(connection, index, groups, distinct) {
    const room = roomName(index % groups);
    connection.checker = new DeliveryChecker({ tally: this.#tally, room });
    connection.id = randomUUID();
    connection.send(
      distinct
        ? this.#dialect.request(connection.id, DISTINCT_SUBSCRIPTION, { room, viewer: `v${index}` })
        : this.#dialect.request(connection.id, SUBSCRIPTION, { room }),
    );
  }

  #heard(connection, heard, bytes) {
    const isOwn = heard.id === undefined || heard.id === connection.id;
    if (connection.answer !== undefined) {
      if (isOwn) connection.answer(heard);
      else this.#tally.foundUnexpected(bytes.toString());
    } else if (heard.kind === 'result' && isOwn && connection.checker !== undefined) {
      connection.checker.take(heard.data.onMessage, bytes);
    } else {
      this.#tally.foundUnexpected(bytes.toString());
    }
  }

  #ask(connection) {
    return new Promise((resolve) => {
      const awaited = this.#dialect.completes ? ['result', 'complete'] : ['result'];
      connection.id = randomUUID();
      connection.answer = (heard) => {
        const isRight = heard.kind === awaited.shift();
        if (!isRight || (heard.kind === 'result' && heard.data.hello !== 'world')) {
          this.#tally.foundUnexpected(JSON.stringify(heard));
        }
        if (awaited.length > 0) return;
        connection.answer = undefined;
        this.#answers += 1;
        resolve();
      };
      connection.send(this.#dialect.request(connection.id, QUERY));
    });
  }
}

/** Runs `act` for 0, 1, … with a bounded number under way. */
async function inParallel(count, act) {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      await act(next - 1);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}
