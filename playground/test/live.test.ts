import {
  connect,
  expectNoLeaks,
  type TestConnection,
  type TestOperation,
} from '@groupcast/testing';
import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { createPlayground } from '../src/server/create-playground.ts';
import type { LiveOptions } from '../src/server/live/live.ts';
import type { LiveSample } from '../src/server/live/live-sample.ts';
import type { LoadSettings } from '../src/server/live/load-settings.ts';

const LIVE = `subscription { live {
  process sentAt intervalMs
  connections operations groups cohorts members queued bytes pendingBroadcasts
  rates { broadcasts received computed deliveries bytes dropped lost }
  eventLoop { utilization p50Ms p99Ms maxMs }
  latency { count p50Ms p99Ms bounds buckets }
  broker { status error }
  load { phase groups subscribers messagesPerSecond share slowReader live sent received endsAt }
  lastLoadEnd
} }`;
const START = 'mutation ($settings: LoadSettings!) { startLoad(settings: $settings) }';
const STOP = 'mutation { stopLoad }';

const small: LoadSettings = {
  groups: 2,
  subscribers: 10,
  messagesPerSecond: 200,
  share: true,
  slowReader: false,
};

let app: FastifyInstance;

afterEach(() => app.close());

/** A playground that listens, and somebody who is connected to it. */
async function listening(live: LiveOptions = {}): Promise<TestConnection> {
  app = await createPlayground({ live: { sampleIntervalMs: 100, ...live } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return connect(app, { params: { name: 'Alice' }, timeoutMs: 10_000 });
}

async function watched(live?: LiveOptions): Promise<readonly [TestConnection, TestOperation]> {
  const alice = await listening(live);
  return [alice, await alice.subscribe(LIVE)];
}

/** Takes samples until one fits. */
async function sample(
  samples: TestOperation,
  fits: (sample: LiveSample) => boolean = () => true,
): Promise<LiveSample> {
  for (;;) {
    const { data } = await samples.next();
    const { live } = data as unknown as { live: LiveSample };
    if (fits(live)) return live;
  }
}

/** All samples from the first that fits, for so many milliseconds. */
async function span(
  samples: TestOperation,
  ms: number,
  fits: (sample: LiveSample) => boolean,
): Promise<readonly LiveSample[]> {
  const all = [await sample(samples, fits)];
  const start = all[0]?.sentAt ?? 0;
  while ((all.at(-1)?.sentAt ?? 0) - start < ms) all.push(await sample(samples));
  return all;
}

/** How often something happened per second, over all samples but the first. */
function rateOver(all: readonly LiveSample[], rate: (sample: LiveSample) => number): number {
  const later = all.slice(1);
  const happened = later.reduce((sum, each) => sum + rate(each) * each.intervalMs, 0);
  return happened / later.reduce((sum, each) => sum + each.intervalMs, 0);
}

function start(who: TestConnection, settings: Partial<LoadSettings> = {}) {
  return who.query(START, { variables: { settings: { ...small, ...settings } } });
}

const isRunning = ({ load }: LiveSample): boolean => load?.phase === 'RUNNING' && load.sent > 0;

test('samples come while somebody watches, with the figures of stats()', async () => {
  const [alice, samples] = await watched();
  const first = await sample(samples);
  await sample(samples);

  expect(first).toMatchObject({
    process: process.pid,
    connections: 1,
    operations: 1,
    members: 2,
    broker: { status: 'up', error: null },
    load: null,
  });
  const later = await sample(samples, ({ latency }) => latency.count > 0);
  expect(later.rates.deliveries).toBeGreaterThan(0);
  expect(later.latency.buckets).toHaveLength(later.latency.bounds.length + 1);
  samples.stop();
  await alice.fence();
  const { published } = app.graphqlWs.stats();
  await alice.query('{ loadLimits { groups } }');
  await alice.close();
  await expectNoLeaks(app, { timeoutMs: 5_000 });
  expect(app.graphqlWs.stats().published).toBe(published);
});

test('two who watch get the same samples: there is one timer for all', async () => {
  const [, samples] = await watched();
  const bob = await connect(app, { params: { name: 'Bob' } });
  const others = await bob.subscribe(LIVE);
  const seen = await sample(others);

  expect(await sample(samples, ({ sentAt }) => sentAt >= seen.sentAt)).toEqual(seen);
});

test('the rates of a load are within 10 % of what is sent, and of what was asked for', async () => {
  const [alice, samples] = await watched();
  await start(alice);
  const all = await span(samples, 2_000, isRunning);
  const [first, last] = [all[0], all.at(-1)];
  if (!first?.load || !last?.load) throw new Error('The load has ended');
  const seconds = (last.sentAt - first.sentAt) / 1_000;
  const sent = (last.load.sent - first.load.sent) / seconds;
  // What the samples themselves take.
  const samplesSent = (all.length - 1) / seconds;

  expect(sent).toBeGreaterThan(180);
  expect(sent).toBeLessThan(220);
  const broadcasts = rateOver(all, ({ rates }) => rates.broadcasts) - samplesSent;
  expect(broadcasts / sent).toBeGreaterThan(0.9);
  expect(broadcasts / sent).toBeLessThan(1.1);
  const deliveries = rateOver(all, ({ rates }) => rates.deliveries) - samplesSent;
  expect(deliveries / (sent * 5)).toBeGreaterThan(0.9);
  expect(deliveries / (sent * 5)).toBeLessThan(1.1);
  expect(last.load.received).toBeGreaterThan((last.load.sent - 100) * 5);
  // Those of the load, that of the samples, and those of all who hear either.
  expect(last).toMatchObject({ connections: 11, groups: 5 });
});

test('sharing: one result for all of a group, or one for each subscriber', async () => {
  const [alice, samples] = await watched();
  await start(alice, { share: true });
  const shared = await span(samples, 500, isRunning);
  await start(alice, { share: false });
  const alone = await span(samples, 500, (one) => isRunning(one) && one.load?.share === false);

  const perDelivery = (all: readonly LiveSample[]) =>
    rateOver(all, ({ rates }) => rates.computed) / rateOver(all, ({ rates }) => rates.deliveries);
  expect(perDelivery(shared)).toBeLessThan(0.4);
  expect(perDelivery(alone)).toBeGreaterThan(0.95);
  expect(shared.at(-1)?.cohorts).toBeLessThan(alone.at(-1)?.cohorts ?? 0);
});

test('a slow reader makes bytes wait, then notifications, and then some are dropped', async () => {
  const [alice, samples] = await watched();
  await start(alice, { slowReader: true, messagesPerSecond: 400 });
  const full = await sample(samples, ({ rates }) => rates.dropped > 0);

  expect(full.queued).toBeGreaterThanOrEqual(100);
  expect(full.bytes).toBeGreaterThan(1_000_000);
  // The others are not slowed down.
  expect(full.load?.live).toBe(11);
  await alice.query(STOP);
  await sample(samples, ({ load, queued, bytes }) => load === null && queued === 0 && bytes < 1e5);
});

test('a load that is stopped leaves nothing', async () => {
  const [alice, samples] = await watched();
  await start(alice, { subscribers: 50, slowReader: true });
  await sample(samples, isRunning);
  const { data } = await alice.query(STOP);

  expect(data).toEqual({ stopLoad: true });
  await sample(samples, ({ load, connections }) => load === null && connections === 1);
  await alice.close();
  await expectNoLeaks(app, { timeoutMs: 5_000 });
});

test('a load ends by itself after its time', async () => {
  const [alice, samples] = await watched({ loadMs: 400 });
  await start(alice);
  const running = await sample(samples, ({ load }) => load !== null);
  const over = await sample(samples, ({ load }) => load === null);
  expect(over.lastLoadEnd).toBe('Its time was over');

  expect(over.sentAt).toBeGreaterThan((running.load?.endsAt ?? 0) - 10);
  await sample(samples, ({ connections }) => connections === 1);
});

test('a load ends by itself when nobody watches any more', async () => {
  const [alice, samples] = await watched({ lingerMs: 50 });
  await start(alice);
  await sample(samples, isRunning);
  samples.stop();

  await expect
    .poll(() => app.graphqlWs.stats(), { interval: 5, timeout: 5_000 })
    .toMatchObject({ connections: 1, members: 0 });
});

test('a second load takes the place of the first', async () => {
  const [alice, samples] = await watched();
  await start(alice, { subscribers: 30 });
  await sample(samples, isRunning);
  await start(alice, { subscribers: 5 });
  const second = await sample(samples, (one) => isRunning(one) && one.load?.subscribers === 5);

  expect(second.connections).toBe(6);
});

test('a load ends when its subscribers are let go', async () => {
  const [alice, samples] = await watched();
  await start(alice);
  await sample(samples, isRunning);
  await app.graphqlWs.disconnect({ tag: 'Synthetic load' });

  const over = await sample(samples, ({ load, connections }) => load === null && connections === 1);
  expect(over.lastLoadEnd).toBe('A subscriber was lost: 4403 Forbidden');
});

test('the app closes although a load runs', async () => {
  const [alice, samples] = await watched();
  await start(alice, { slowReader: true });
  await sample(samples, isRunning);
  await app.close();

  await alice.expectClose(1012);
});

test.each<[string, Partial<LoadSettings>]>([
  ['groups must be 1 to 100, got 101', { groups: 101 }],
  ['subscribers must be 1 to 1000, got 1001', { subscribers: 1_001 }],
  ['messagesPerSecond must be 1 to 2000, got 0', { messagesPerSecond: 0 }],
  [
    'That makes 100000 deliveries a second, at most 50000 are allowed',
    { groups: 10, subscribers: 500, messagesPerSecond: 2_000 },
  ],
])('a load that is too much is refused: %s', async (sentence, settings) => {
  const alice = await listening();
  const { errors } = await start(alice, settings);

  expect(errors).toMatchObject([{ message: sentence }]);
});

test('a load where nothing listens is refused', async () => {
  app = await createPlayground();
  const alice = await connect(app, { params: { name: 'Alice' } });
  const { errors } = await start(alice);

  expect(errors?.[0]?.message).toMatch(/listens on no port/);
});

test('/metrics is text for Prometheus, from stats() and diagnostics', async () => {
  const [, samples] = await watched();
  await app.inject('/metrics');
  await sample(samples);
  await sample(samples);
  const { headers, payload, statusCode } = await app.inject('/metrics');

  expect(statusCode).toBe(200);
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  const line = /^(?:# (?:HELP|TYPE) .+|[a-z_:]+(?:\{[^}]*\})? [\d.e+-]+|)$/;
  expect(payload.split('\n').filter((text) => !line.test(text))).toEqual([]);
  const value = (name: string) =>
    Number(
      payload
        .split('\n')
        .find((text) => text.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  expect(value('groupcast_connections')).toBe(1);
  expect(value('groupcast_broker_up')).toBe(1);
  expect(value('groupcast_delivered_total')).toBeGreaterThanOrEqual(2);
  expect(value('groupcast_delivery_seconds_count{field="live"}')).toBeGreaterThanOrEqual(1);
  expect(value('groupcast_broadcast_seconds_count{field="live"}')).toBeGreaterThanOrEqual(1);
});
