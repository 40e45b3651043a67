import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type RedisServer,
  startRedis,
} from '../../packages/server-plugin/test/support/redis-server.ts';
import { PlaygroundProcess } from './playground-process.ts';
import { Visitor } from './visitor.ts';

const LIVE = `subscription { live {
  process connections rates { received deliveries } load { phase } lastLoadEnd
} }`;
const START = 'mutation ($settings: LoadSettings!) { startLoad(settings: $settings) }';

interface Sample {
  readonly process: number;
  readonly connections: number;
  readonly rates: { readonly received: number; readonly deliveries: number };
  readonly load: { readonly phase: string } | null;
  readonly lastLoadEnd: string | null;
}

let redis: RedisServer;
let playground: PlaygroundProcess;

beforeAll(async () => {
  redis = await startRedis();
  playground = await new PlaygroundProcess(['--redis', redis.url, '--processes', '2']).ready();
}, 30_000);

afterAll(async () => {
  await playground?.[Symbol.asyncDispose]();
  await redis?.stop();
});

/** Waits until the last sample of each of two processes is as wanted. */
async function bothOf(
  watcher: Visitor,
  fits: (samples: readonly Sample[]) => boolean,
): Promise<readonly Sample[]> {
  let last: Sample[] = [];
  await expect
    .poll(
      () => {
        const samples = watcher.heard.map((data) => (data as { live: Sample }).live);
        last = [...new Map(samples.map((each) => [each.process, each])).values()];
        return last.length === 2 && fits(last);
      },
      { timeout: 20_000, interval: 50 },
    )
    .toBe(true);
  return last;
}

test('a page sees every process, and a load that reaches both; any process stops it', async () => {
  await using watcher = new Visitor(playground.url, 'Ann', LIVE);
  await watcher.ready;
  await bothOf(watcher, () => true);
  const settings = {
    groups: 2,
    subscribers: 20,
    messagesPerSecond: 100,
    share: true,
    slowReader: false,
  };
  await watcher.client.mutate(START, { settings });

  // The connections of the load are spread over both, its messages go through Redis.
  const running = await bothOf(watcher, (samples) =>
    samples.every(({ rates }) => rates.received > 50 && rates.deliveries > 50),
  );
  expect(running.filter(({ load }) => load?.phase === 'RUNNING')).toHaveLength(1);
  // Connections are handed out in turn: of two, one is with the other process.
  for (const name of ['Ben', 'Cleo']) {
    await using other = new Visitor(playground.url, name, LIVE);
    await other.ready;
    await other.client.mutate('mutation { stopLoad }');
  }

  const over = await bothOf(watcher, (samples) =>
    samples.every(({ load, connections }) => load === null && connections <= 2),
  );
  expect(over.filter(({ lastLoadEnd }) => lastLoadEnd !== null)).toHaveLength(1);
});
