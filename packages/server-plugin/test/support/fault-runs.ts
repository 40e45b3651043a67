import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type Random, seeded, whole } from '../../../client/test/support/seeded.ts';
import { within } from '../../src/broker/within.ts';
import type { Account } from './fault-account.ts';
import { burstRoom, type FaultStage, startFaultStage } from './fault-stage.ts';
import { garbage } from './garbage.ts';
import type { RedisConfig } from './redis-server.ts';

/** What happens to Redis, its network or its channels while everybody speaks. */
interface Fault {
  readonly config?: RedisConfig;
  /** Resolves when it is over, and Redis can be reached again. */
  happen(stage: FaultStage, random: Random, scale: FaultScale): Promise<void>;
}

/** How long, or how much, a fault is. */
export interface FaultScale {
  readonly servers: number;
  readonly clientsPerServer: number;
  /** Of a Redis that is dead, at most. */
  readonly killedMs: number;
  readonly frozenMs: number;
  readonly cutMs: number;
  /** Messages of 10 kB, of all publishers. */
  readonly burst: number;
  /** Messages that are none. */
  readonly garbage: number;
}

/** As it would be. */
export const fullScale: FaultScale = {
  servers: 3,
  clientsPerServer: 24,
  killedMs: 8_000,
  frozenMs: 15_000,
  cutMs: 20_000,
  burst: 20_000,
  garbage: 50_000,
};

/** For each change. */
export const shortScale: FaultScale = {
  servers: 2,
  clientsPerServer: 12,
  killedMs: 1_000,
  frozenMs: 8_000,
  cutMs: 8_000,
  burst: 4_000,
  garbage: 3_000,
};

/** What became of one run. */
export interface FaultReport extends Account {
  /** Broadcasts that their publishers were told to have failed. */
  readonly rejected: number;
  /** Milliseconds from the end of the fault until everybody hears everybody again. */
  readonly returnedAfterMs: number;
  /** Connections of ours that Redis does not have any more. */
  readonly connectionsLost: number;
  /** Processes that have ended by themselves, or with an error. */
  readonly endings: readonly string[];
}

/** Longer than it may take, so that a figure comes of it in any case. */
const PATIENCE_MS = 30_000;

const faults = {
  kill: {
    async happen({ redis }, random, { killedMs }) {
      await redis.kill();
      await sleep(killedMs * random());
      await redis.restart();
    },
  },
  freeze: {
    async happen({ redis }, _random, { frozenMs }) {
      redis.freeze();
      await sleep(frozenMs);
      redis.thaw();
    },
  },
  cut: {
    async happen({ proxy }, random, { cutMs }) {
      proxy.freeze();
      await sleep(cutMs);
      proxy.thaw({ drop: random() < 0.5 });
    },
  },
  burst: {
    // A quarter of Redis's own limit, so that fast machines hit it too.
    config: { 'client-output-buffer-limit': 'pubsub 8mb 2mb 10' },
    async happen({ publishers, traffic }, _random, { burst }) {
      const text = 'x'.repeat(10_000);
      await traffic.burst(burstRoom, Math.ceil(burst / publishers.length), text);
    },
  },
  'client-kill': {
    async happen({ redis }, random) {
      for (const { id } of shuffled(await connectionsOf(redis), random)) {
        await sleep(500 * random());
        await redis.command('CLIENT', 'KILL', 'ID', id);
      }
    },
  },
  garbage: {
    async happen({ redis }, random, scale) {
      await flood(redis.url, random, scale.garbage);
    },
  },
} as const satisfies Record<string, Fault>;

/** The name of a fault. */
export type FaultName = keyof typeof faults;

/** All of them. */
export const faultNames = Object.keys(faults) as readonly FaultName[];

/** Starts everything, lets a fault happen, and looks at what each client got and was told. */
export async function runFault(
  name: FaultName,
  seed: number,
  scale: FaultScale,
): Promise<FaultReport> {
  const fault: Fault = faults[name];
  const { clientsPerServer, servers } = scale;
  const stage = await startFaultStage({ seed, servers, clientsPerServer, ...fault });
  // Not by `using`, which the script that imports this has no compiler for.
  try {
    return await runOn(stage, fault, seeded(seed), scale);
  } finally {
    await stage.stop();
  }
}

async function runOn(
  stage: FaultStage,
  fault: Fault,
  random: Random,
  scale: FaultScale,
): Promise<FaultReport> {
  const { redis, traffic } = stage;
  await stage.serviceReturns();
  await sleep(whole(random, 0, 1_000));
  const before = await connectionsOf(redis);

  await fault.happen(stage, random, scale);
  traffic.fallSilent();
  const returned = await timed(stage.serviceReturns());

  await traffic.stop();
  // What is never told shows in the account.
  await stage.accounted().catch(() => undefined);
  const after = (await connectionsOf(redis)).map(({ address }) => address);
  const endings = await stage.close();
  const account = stage.account();
  return {
    ...account,
    faults: [...account.faults, ...returned.faults, ...traffic.faults, ...endings],
    rejected: traffic.rejected,
    returnedAfterMs: returned.ms,
    connectionsLost: before.filter(({ address }) => !after.includes(address)).length,
    endings,
  };
}

async function timed(
  done: Promise<void>,
): Promise<{ readonly ms: number; readonly faults: readonly string[] }> {
  const start = performance.now();
  try {
    if (await within(PATIENCE_MS, done)) return { ms: performance.now() - start, faults: [] };
    return { ms: Number.POSITIVE_INFINITY, faults: ['Not all servers say that they are up'] };
  } catch (error) {
    return { ms: Number.POSITIVE_INFINITY, faults: [String(error)] };
  }
}

/** A connection as Redis sees it. */
interface Connection {
  readonly id: string;
  readonly address: string;
}

/** Those of the processes, in the order of their making. */
async function connectionsOf(redis: FaultStage['redis']): Promise<readonly Connection[]> {
  const list = String(await redis.command('CLIENT', 'LIST'));
  return list.split('\n').flatMap((line) => {
    const [, id, address] = /^id=(\d+) addr=(\S+)/.exec(line) ?? [];
    if (id === undefined || address === undefined || line.includes('name=test')) return [];
    return [{ id, address }];
  });
}

/** Publishes what is no message of ours on all channels that are. */
async function flood(url: string, random: Random, count: number): Promise<void> {
  const redis = new Redis(url, { connectionName: 'test' });
  const channels = await redis.pubsub('CHANNELS', 'groupcast*');
  for (let sent = 0; sent < count; sent += 100) {
    const answers = Array.from({ length: 100 }, () => {
      const channel = String(channels[whole(random, 0, channels.length - 1)]);
      return redis.publish(channel, garbage(random));
    });
    await Promise.all(answers);
  }
  await redis.quit();
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
