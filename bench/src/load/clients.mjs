import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import {
  DISTINCT_SUBSCRIPTION,
  QUERY,
  roomName,
  SUBSCRIPTION,
  wideSubscription,
} from '../documents.mjs';
import { Connection } from './connection.mjs';
import { Deliveries } from './deliveries.mjs';
import { dialects, TELL_GAPS } from './dialects.mjs';

const CONCURRENCY = 50;

/**
 * How clients subscribe.
 *
 * @typedef {object} Subscribing
 * @property {number} groups - subscription number n is to group n modulo this
 * @property {number} [each] - subscriptions per connection
 * @property {number} [atMost] - subscriptions in all
 * @property {boolean} [distinct] - each has variables of its own
 * @property {number} [fields] - how many each selects
 * @property {number} [pausing] - how many connections will pause, the first ones
 * @property {boolean} [gaps] - asks to be told what is dropped
 */

/** All clients of one run. */
export class Clients {
  #dialect;
  #port;
  /** @type {Connection[]} */
  #connections = [];
  #deliveries = new Deliveries();
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
   * Connects, some at a time; each may subscribe too, before the next one connects.
   *
   * @param {{ count: number, subscribing?: Subscribing }} options
   */
  async open({ count, subscribing }) {
    await inParallel(count, async () => {
      const index = this.#connections.length;
      const connection = this.#create();
      this.#connections.push(connection);
      await connection.ready();
      if (subscribing !== undefined) await this.#subscribe(connection, index, subscribing);
    });
  }

  /**
   * Subscribes with each connection that has not.
   *
   * @param {Subscribing} subscribing
   */
  async subscribe(subscribing) {
    await inParallel(this.#connections.length, async (index) => {
      const connection = this.#connections[index];
      if (connection.subscriptions.count > 0) return;
      await this.#subscribe(connection, index, subscribing);
    });
  }

  /**
   * Connects, subscribes and leaves again, some at a time.
   *
   * @param {{ count: number, groups: number }} options
   */
  async comeAndGo({ count, groups }) {
    await inParallel(count, async (index) => {
      const connection = this.#create();
      await connection.ready();
      connection.send(
        this.#dialect.request(randomUUID(), SUBSCRIPTION, { room: roomName(index % groups) }),
      );
      await connection.fence();
      await connection.leave(index % 2 === 0 ? 'closes' : 'is cut');
    });
  }

  /** @param {Omit<Parameters<Deliveries['expect']>[0], 'onTurn'>} options */
  expect(options) {
    return this.#deliveries.expect({ ...options, onTurn: () => this.#paceLine.write('.') });
  }

  /** The first `count` read no more, and nobody waits for them. */
  pause({ count }) {
    this.#deliveries.isPaused = true;
    for (const connection of this.#connections.slice(0, count)) connection.pause();
  }

  resume() {
    this.#deliveries.isPaused = false;
    for (const connection of this.#connections) connection.resume();
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

  /** What came until now and what went wrong, after everything that is on its way has come. */
  async counts() {
    this.resume();
    await Promise.race([
      Promise.all(this.#connections.map((connection) => connection.fence())),
      new Promise((resolve) => setTimeout(resolve, 5_000)),
    ]);
    return { ...this.#deliveries.counts(), gone: this.#gone };
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

  async #subscribe(connection, index, subscribing) {
    const { groups, each = 1, atMost = Number.POSITIVE_INFINITY } = subscribing;
    const { distinct, fields, pausing = 0, gaps } = subscribing;
    const plain = fields === undefined ? SUBSCRIPTION : wideSubscription(fields);
    const end = Math.min((index + 1) * each, atMost);
    for (let number = index * each; number < end; number += 1) {
      const room = roomName(number % groups);
      const id = randomUUID();
      const pauses = index < pausing;
      connection.subscriptions.add(id, this.#deliveries.createChecker({ room, fields, pauses }));
      const variables = distinct ? { room, viewer: `v${number}` } : { room };
      const query = distinct ? DISTINCT_SUBSCRIPTION : plain;
      const extensions = gaps ? TELL_GAPS : undefined;
      connection.send(this.#dialect.request(id, query, variables, extensions));
    }
    await connection.fence();
  }

  #heard({ answer, subscriptions, id }, heard, bytes) {
    const checker = subscriptions.find(heard.id);
    if (answer !== undefined) {
      if (heard.id === undefined || heard.id === id) answer(heard);
      else this.#deliveries.foundUnexpected(bytes.toString());
    } else if (heard.kind === 'result' && checker !== undefined) {
      subscriptions.take(heard, bytes);
    } else if (heard.kind === 'gap' && checker !== undefined) {
      checker.dropped(heard.dropped);
    } else {
      this.#deliveries.foundUnexpected(bytes.toString());
    }
  }

  #ask(connection) {
    return new Promise((resolve) => {
      const awaited = this.#dialect.completes ? ['result', 'complete'] : ['result'];
      connection.id = randomUUID();
      connection.answer = (heard) => {
        const isRight = heard.kind === awaited.shift();
        if (!isRight || (heard.kind === 'result' && heard.data.hello !== 'world')) {
          this.#deliveries.foundUnexpected(JSON.stringify(heard));
        }
        if (awaited.length > 0) return;
        connection.answer = undefined;
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
