import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@groupcast/protocol';
import type { Refusal, ServerControls, ServerKind, StartOptions } from './controls.ts';
import { Door } from './door.ts';
import type { Fault } from './fault.ts';
import { Ledger } from './ledger.ts';
import { Rooms } from './rooms.ts';
import type { RunningServer, ServerParts, StartServer } from './running-server.ts';
import { startGraphqlWs } from './servers/graphql-ws.ts';
import { startGroupcast } from './servers/groupcast.ts';
import { startMercurius } from './servers/mercurius.ts';
import { startSubscriptionsTransportWs } from './servers/subscriptions-transport-ws.ts';
import { TcpProxy } from './tcp-proxy.ts';

const starters: Readonly<Record<ServerKind, StartServer>> = {
  groupcast: startGroupcast,
  'graphql-ws': startGraphqlWs,
  'subscriptions-transport-ws': startSubscriptionsTransportWs,
  mercurius: startMercurius,
};

/** How long something that a test waits for may take. */
const PATIENCE_MS = 10_000;

/** One server behind its proxy, and what a test can do to both. */
export class StagedServer implements ServerControls {
  readonly #proxy: TcpProxy;
  readonly #start: StartServer;
  readonly #parts: ServerParts;
  #running: RunningServer | undefined;

  private constructor(proxy: TcpProxy, { server, options = {} }: StartOptions) {
    this.#proxy = proxy;
    this.#start = starters[server];
    this.#parts = { ledger: new Ledger(), rooms: new Rooms(), door: new Door(), options };
  }

  static async start(options: StartOptions): Promise<StagedServer> {
    const staged = new StagedServer(await TcpProxy.listen(), options);
    await staged.restart();
    return staged;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#proxy.port}/graphql`;
  }

  async broadcast(field: string, room: string, payload: unknown): Promise<void> {
    if (this.#running === undefined) throw new Error('The server is stopped');
    await this.#running.broadcast(field, room, payload);
  }

  async executions(key: string): Promise<number> {
    return this.#parts.ledger.executions(key);
  }

  async awaitExecutions(key: string, count: number): Promise<void> {
    await reaches(`executions of "${key}"`, count, () => this.#parts.ledger.executions(key));
  }

  async release(key: string): Promise<void> {
    this.#parts.ledger.release(key);
  }

  async params(): Promise<readonly (JsonObject | null)[]> {
    return this.#parts.door.params;
  }

  async connections(): Promise<number> {
    return this.#running?.connections ?? 0;
  }

  async awaitConnections(count: number): Promise<void> {
    await reaches('connections', count, () => this.#running?.connections ?? 0);
  }

  async operations(): Promise<number | null> {
    return this.#running === undefined ? 0 : this.#running.operations;
  }

  async awaitOperations(count: number): Promise<void> {
    if ((await this.operations()) === null) throw new Error('This server does not tell operations');
    await reaches('operations', count, () => this.#running?.operations ?? 0);
  }

  async dials(): Promise<readonly number[]> {
    return this.#proxy.dials;
  }

  async awaitDials(count: number): Promise<void> {
    await reaches('dials', count, () => this.#proxy.dials.length, 'at least');
  }

  async subscribers(field: string, room: string): Promise<number> {
    return this.#parts.rooms.count(field, room);
  }

  async awaitSubscribers(field: string, room: string, count: number): Promise<void> {
    const { rooms } = this.#parts;
    await reaches(`subscribers of ${field} in "${room}"`, count, () => rooms.count(field, room));
  }

  async refuse(refusal: Refusal = {}): Promise<void> {
    this.#parts.door.refuse(refusal);
  }

  async accept(): Promise<void> {
    this.#parts.door.accept();
  }

  async expire(): Promise<void> {
    await this.closeAll(4403, 'Forbidden');
  }

  async closeAll(code: number, reason: string): Promise<void> {
    this.#running?.closeAll(code, reason);
  }

  async stop(): Promise<void> {
    this.#proxy.target = undefined;
    const running = this.#running;
    this.#running = undefined;
    await running?.close();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#running = await this.#start(this.#parts);
    this.#proxy.target = this.#running.port;
  }

  async fault(fault: Fault): Promise<void> {
    await this.#proxy.breakDown(fault);
  }

  async mend(): Promise<void> {
    await this.#proxy.mend();
  }

  async end(): Promise<void> {
    this.#parts.ledger.releaseAll();
    await this.#proxy.close();
    await this.stop();
  }
}

/** Resolves when a figure is as it should be. */
async function reaches(
  name: string,
  count: number,
  read: () => number,
  how: 'exactly' | 'at least' = 'exactly',
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  const isReached = () => (how === 'exactly' ? read() === count : read() >= count);
  while (!isReached()) {
    if (Date.now() > deadline) throw new Error(`Expected ${count} ${name}, there are ${read()}`);
    await sleep(2);
  }
}
