import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '../../src/index.ts';
import { Door } from '../stage/door.ts';
import { Ledger } from '../stage/ledger.ts';
import { Rooms } from '../stage/rooms.ts';
import type { RunningServer } from '../stage/running-server.ts';
import { startGroupcast } from '../stage/servers/groupcast.ts';
import { TcpProxy } from '../stage/tcp-proxy.ts';
import { webSocket } from '../stage/web-socket.ts';
import type { Departure, Storm } from './reconnect-storm.ts';

/** So many dial at a time when they first come. */
const BATCH = 25;

/** Many clients with a subscription each, as users have them, and a server that can go away. */
export class Crowd {
  readonly #proxy: TcpProxy;
  readonly #clients: readonly Client[];
  #server: RunningServer;
  #dialsBefore = 0;
  #leftAt = 0;

  private constructor(proxy: TcpProxy, server: RunningServer, size: number) {
    this.#proxy = proxy;
    this.#server = server;
    const url = `ws://127.0.0.1:${proxy.port}/graphql`;
    this.#clients = Array.from({ length: size }, () => createClient({ url, webSocket }));
  }

  /** Resolves when all are there and listen. */
  static async gather(size: number): Promise<Crowd> {
    const proxy = await TcpProxy.listen();
    const crowd = new Crowd(proxy, await startServer(), size);
    proxy.target = crowd.#server.port;
    for (let first = 0; first < size; first += BATCH) {
      const batch = crowd.#clients.slice(first, first + BATCH);
      await Promise.all(
        batch.map((client) => client.subscribe('subscription { onNumber(room: "red") }').ready),
      );
    }
    return crowd;
  }

  /** Lets the server go in one way; resolves when it is gone. */
  async leave(departure: Departure): Promise<void> {
    const proxy = this.#proxy;
    this.#dialsBefore = proxy.dials.length;
    this.#leftAt = Date.now();
    if (departure === 'kill') {
      // Its sockets end without a word, and nobody listens any more, before it can say goodbye.
      proxy.target = undefined;
      await proxy.breakDown({ name: 'cut' });
    }
    await this.#server.close();
    proxy.target = undefined;
  }

  /** Lets the server come back after a while; resolves when all clients listen again. */
  async comeBack(awayMs: number): Promise<Storm> {
    const proxy = this.#proxy;
    await sleep(awayMs);
    this.#server = await startServer();
    proxy.target = this.#server.port;
    const backMs = Date.now() - this.#leftAt;
    while (this.#server.operations !== this.#clients.length) await sleep(20);
    const dials = proxy.dials.slice(this.#dialsBefore).map((atMs) => atMs - this.#leftAt);
    return { dials, reached: dials.filter((atMs) => atMs >= backMs) };
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.#proxy.close();
    await this.#server.close();
  }
}

/** With the time for a restart that it has by default. */
function startServer(): Promise<RunningServer> {
  const parts = { ledger: new Ledger(), rooms: new Rooms(), door: new Door() };
  return startGroupcast({ ...parts, options: { drainMs: 2_000 } });
}
