import type { JsonObject } from '@groupcast/protocol';
import type { Client } from '../../src/index.ts';
import { Door } from '../stage/door.ts';
import { Ledger } from '../stage/ledger.ts';
import { Rooms } from '../stage/rooms.ts';
import type { RunningServer } from '../stage/running-server.ts';
import { startGroupcast } from '../stage/servers/groupcast.ts';
import { TcpProxy } from '../stage/tcp-proxy.ts';
import { type Random, whole } from './seeded.ts';
import { type Tape, until } from './tape.ts';

/** What a fault needs to know of the scene it happens in. */
export interface Scene {
  readonly random: Random;
  readonly client: Client;
  readonly tape: Tape;
  /** Events and mutations, while the fault holds. */
  traffic(): Promise<void>;
  /** One more event; resolves when it was heard, when something else happens, or in a while. */
  hear(): Promise<void>;
}

type FaultName = 'cut' | 'cut in mid-frame' | 'half-open' | 'delay' | 'refuse';

/** Faults from their beginning to their end. */
const faults: Readonly<Record<FaultName, (proxy: TcpProxy, scene: Scene) => Promise<void>>> = {
  async cut(proxy, { traffic }) {
    await proxy.breakDown({ name: 'cut' });
    await traffic();
  },
  async 'cut in mid-frame'(proxy, { random, traffic, hear }) {
    // Few bytes cut the next handshake.
    const isHandshake = random() < 0.3;
    const bytes = whole(random, 1, isHandshake ? 200 : 1_000);
    if (isHandshake) await proxy.breakDown({ name: 'cut' });
    await proxy.breakDown({ name: 'cut-after', bytes, once: true });
    await traffic();
    while (proxy.fault) await hear();
  },
  async 'half-open'(proxy, { random, client, tape, traffic }) {
    await proxy.breakDown({ name: 'half-open' });
    await traffic();
    // Until it is found out; at times until a dial has heard nothing, too.
    const dials = proxy.dials.length + (random() < 0.3 ? 2 : 0);
    while (client.status.name === 'open' || proxy.dials.length < dials)
      await tape.moves(tape.changes);
    await traffic();
    await proxy.mend();
  },
  async delay(proxy, { random, traffic, hear }) {
    // The longest are too long: all who wait for an answer give up.
    await proxy.breakDown({ name: 'delay', ms: whole(random, 1, 25) });
    await traffic();
    await hear();
    await proxy.mend();
  },
  async refuse(proxy, { random, traffic }) {
    await proxy.breakDown({ name: 'refuse' });
    const dials = proxy.dials.length + whole(random, 1, 3);
    await proxy.breakDown({ name: 'cut' });
    await traffic();
    await until('the client dials', () => proxy.dials.length >= dials);
    await proxy.mend();
  },
};

/** Each as often as it is to happen; a dead line takes longest. */
const names: readonly FaultName[] = [
  'cut',
  'cut',
  'delay',
  'delay',
  'refuse',
  'refuse',
  'cut in mid-frame',
  'cut in mid-frame',
  'cut in mid-frame',
  'half-open',
];

/** A real server behind a line that has faults. */
export class BadLine {
  readonly proxy: TcpProxy;
  readonly server: RunningServer;
  readonly ledger: Ledger;

  private constructor(proxy: TcpProxy, server: RunningServer, ledger: Ledger) {
    this.proxy = proxy;
    this.server = server;
    this.ledger = ledger;
  }

  static async open(options: JsonObject): Promise<BadLine> {
    const ledger = new Ledger();
    const proxy = await TcpProxy.listen();
    const parts = { ledger, rooms: new Rooms(), door: new Door(), options };
    const server = await startGroupcast(parts);
    proxy.target = server.port;
    return new BadLine(proxy, server, ledger);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.proxy.port}/graphql`;
  }

  /** A fault of the generator's choice, and its end. */
  async fail(scene: Scene): Promise<void> {
    const name = names[whole(scene.random, 0, names.length - 1)] ?? 'cut';
    await faults[name](this.proxy, scene);
  }

  /** Resolves when nobody is connected any more; a dead client is found by the server's pings. */
  async isLeft(): Promise<void> {
    await until('all have gone', () => {
      return this.server.connections === 0 && this.server.operations === 0;
    });
  }

  async close(): Promise<void> {
    this.ledger.releaseAll();
    await this.proxy.close();
    await this.server.close();
  }
}
