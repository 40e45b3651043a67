import { type Account, accountOf, sumOf } from './fault-account.ts';
import { busyRooms, FaultTraffic, quietRoom } from './fault-traffic.ts';
import { connectMany, type LoadClient, type ManyClients } from './many-clients.ts';
import { type RedisConfig, type RedisServer, startRedis } from './redis-server.ts';
import {
  forkServer,
  forkWorker,
  type ServerProcess,
  type WorkerProcess,
} from './server-process.ts';
import { startProxy, type TcpProxy } from './tcp-proxy.ts';

/** A room for much at once; one client of each process is in it. */
export const burstRoom = 'burst';

/** The rooms of a client by its number; all are in one subscription. */
const tastes: readonly (readonly string[])[] = [['red'], ['blue', 'red'], [quietRoom], ['blue']];

/** A subscriber, and what it is to hear. */
interface Seat {
  readonly client: LoadClient;
  readonly server: string;
  readonly rooms: readonly string[];
}

/** What there is before a fault: servers with clients, a worker, and broadcasts of all of them. */
export class FaultStage {
  readonly redis: RedisServer;
  /** Through it go the first server and the worker; the other servers reach Redis directly. */
  readonly proxy: TcpProxy;
  readonly servers: readonly ServerProcess[];
  readonly publishers: readonly WorkerProcess[];
  readonly traffic: FaultTraffic;
  readonly #crowds: readonly ManyClients[];
  readonly #seats: readonly Seat[];

  constructor(
    parts: Pick<FaultStage, 'redis' | 'proxy' | 'servers' | 'publishers'>,
    crowds: readonly ManyClients[],
    seed: number,
  ) {
    this.redis = parts.redis;
    this.proxy = parts.proxy;
    this.servers = parts.servers;
    this.publishers = parts.publishers;
    this.#crowds = crowds;
    this.#seats = crowds.flatMap(({ clients }, server) =>
      clients.map((client, index) => {
        return { client, server: `server ${server + 1}`, rooms: roomsOf(index) };
      }),
    );
    this.traffic = new FaultTraffic(this.publishers, seed);
  }

  /**
   * Resolves when all clients in busy rooms have heard from each publisher what was sent after this
   * call, and all servers say that their broker is up.
   */
  async serviceReturns(): Promise<void> {
    const sent = this.traffic.sentTo(busyRooms);
    const hasHeard = (client: LoadClient): boolean => {
      const rooms = this.#roomsOf(client);
      return sent.every(({ author, room, last }) => {
        return !rooms.includes(room) || (client.heard(author, room)?.last ?? 0) > last;
      });
    };
    await Promise.all(this.#crowds.map((crowd) => crowd.every(hasHeard)));
    await Promise.all(this.servers.map((server) => server.healthBecomes('up')));
  }

  /** Resolves when nothing is missing any more that was not told. */
  async accounted(): Promise<void> {
    const isSettled = (client: LoadClient): boolean =>
      accountOf(client, this.traffic.sentTo(this.#roomsOf(client))).silent === 0;
    await Promise.all(this.#crowds.map((crowd) => crowd.every(isSettled)));
  }

  account(): Account {
    return sumOf(
      this.#seats.map(({ client, server, rooms }) => {
        const account = accountOf(client, this.traffic.sentTo(rooms));
        return { ...account, faults: account.faults.map((fault) => `at ${server}: ${fault}`) };
      }),
    );
  }

  /** Ends all processes as an app does; returns those that had ended before, or end with an error. */
  async close(): Promise<readonly string[]> {
    const ends = await Promise.all(
      this.publishers.map((each) =>
        each.close().catch((error: unknown) => ({ stderr: `${error}` })),
      ),
    );
    return ends.flatMap((end, index) => {
      const isGood = 'code' in end && end.code === 0 && end.stderr === '';
      return isGood ? [] : [`${this.publishers[index]?.author} has ended: ${JSON.stringify(end)}`];
    });
  }

  /** Ends what still runs. */
  async stop(): Promise<void> {
    await this.traffic.stop();
    await Promise.all(this.#crowds.map((crowd) => crowd.close()));
    await Promise.all(this.publishers.map((each) => each.kill()));
    await this.proxy.stop();
    await this.redis.stop();
  }

  #roomsOf(client: LoadClient): readonly string[] {
    return this.#seats.find((seat) => seat.client === client)?.rooms ?? [];
  }
}

/** What a stage is made of. */
export interface FaultStageOptions {
  readonly seed: number;
  readonly servers: number;
  readonly clientsPerServer: number;
  readonly config?: RedisConfig;
}

/** Starts all of it; resolves when all subscriptions are live and everybody speaks. */
export async function startFaultStage(options: FaultStageOptions): Promise<FaultStage> {
  const redis = await startRedis(options.config);
  const proxy = await startProxy(redis.port);
  const near = { redisUrl: redis.url };
  const through = { redisUrl: redis.url.replace(String(redis.port), String(proxy.port)) };
  const others = Array.from({ length: options.servers - 1 }, () => forkServer(near));
  const servers = await Promise.all([forkServer(through), ...others]);
  const worker = await forkWorker(through);
  const crowds = await Promise.all(
    servers.map(({ url }) => connectMany(url, { count: options.clientsPerServer, query: queryOf })),
  );
  const parts = { redis, proxy, servers, publishers: [...servers, worker] };
  return new FaultStage(parts, crowds, options.seed);
}

/** The first is in the room for much at once. */
function roomsOf(index: number): readonly string[] {
  return index === 0 ? [burstRoom] : (tastes[index % tastes.length] ?? []);
}

function queryOf(index: number): string {
  const rooms = JSON.stringify(roomsOf(index));
  return `subscription { onMessage(rooms: ${rooms}) { author room seq } }`;
}
