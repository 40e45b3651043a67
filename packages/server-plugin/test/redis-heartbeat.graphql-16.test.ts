import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import mqemitterRedis from 'mqemitter-redis';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { brokerGap } from './support/gap.ts';
import {
  closeEmitter,
  expectRecovery,
  quickEmitter,
  redisRooms,
  said,
} from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { startProxy } from './support/tcp-proxy.ts';

let redis: RedisServer;

beforeEach(async () => {
  redis = await startRedis();
});

afterEach(() => redis.stop());

/** A line whose directions can be blocked one by one, and whose connections one by one. */
interface Pipes {
  readonly url: string;
  /** In the order in which they were dialled. */
  readonly pairs: { readonly client: Socket; readonly target: Socket }[];
  readonly server: Server;
}

async function startPipes(): Promise<Pipes> {
  const pairs: { client: Socket; target: Socket }[] = [];
  const server = createServer((client) => {
    const target = connect(redis.port, '127.0.0.1');
    pairs.push({ client, target });
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const { client, target } of pairs) {
      client.destroy();
      target.destroy();
    }
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `redis://127.0.0.1:${port}`, pairs, server };
}

/** Lets no byte through from here on, in one direction. */
function block(from: Socket, to: Socket): void {
  from.unpipe(to);
  from.pause();
}

test('with its real times, a frozen Redis is found within ten seconds, and heard again when it goes on', async () => {
  const rooms = await redisRooms(redis.url);
  const red = await rooms.hearRoom('red');
  await rooms.whenHealth('up');

  redis.freeze();
  const frozenAt = performance.now();
  await rooms.whenHealth('down');
  expect(performance.now() - frozenAt).toBeLessThan(10_000);
  expect(rooms.app.graphqlWs.health.lastError?.message).toMatch(
    /^the connection that \w+ gave no sign of life for 4000 ms$/,
  );

  redis.thaw();
  await expectRecovery(rooms, red);
  await rooms.say('red', 'hi');
  await red.expectNext(said('hi'));
}, 40_000);

test('a partition is found, and outlasted', async () => {
  await using proxy = await startProxy(redis.port);
  const rooms = await redisRooms(quickEmitter(`redis://127.0.0.1:${proxy.port}`));
  const red = await rooms.hearRoom('red');
  await rooms.whenHealth('up');

  proxy.freeze();
  await rooms.whenHealth('down');
  // New connections open, and get no further.
  await vi.waitUntil(
    () => rooms.app.graphqlWs.health.lastError?.message.includes('did not get ready'),
    { timeout: 5_000 },
  );
  proxy.thaw({ drop: true });

  await expectRecovery(rooms, red);
  await rooms.say('red', 'hi');
  await red.expectNext(said('hi'));
}, 20_000);

test.each(['to Redis', 'from Redis'])(
  'a network that carries nothing %s is found',
  async (direction) => {
    const { url, pairs } = await startPipes();
    const rooms = await redisRooms(quickEmitter(url));
    const red = await rooms.hearRoom('red');
    await rooms.whenHealth('up');

    for (const { client, target } of pairs) {
      if (direction === 'to Redis') block(client, target);
      else block(target, client);
    }

    await vi.waitUntil(() => rooms.told.some(({ status }) => status === 'down'), {
      timeout: 5_000,
    });
    await expectRecovery(rooms, red);
    await rooms.say('red', 'hi');
    await red.expectNext(said('hi'));
  },
  20_000,
);

test.each([
  ['receives', 0],
  ['sends', 1],
] as const)(
  'one connection that is dead, that which %s, is found; the other one stays',
  async (which, index) => {
    const { url, pairs } = await startPipes();
    const rooms = await redisRooms(quickEmitter(url));
    const red = await rooms.hearRoom('red');
    await rooms.whenHealth('up');
    expect(pairs).toHaveLength(2);

    const pair = pairs[index];
    if (pair !== undefined) block(pair.target, pair.client);
    const health = await rooms.whenHealth('degraded');
    expect(health.lastError?.message).toBe(
      `the connection that ${which} gave no sign of life for 400 ms`,
    );
    await rooms.whenHealth('up');

    expect(pairs).toHaveLength(3);
    if (which === 'receives') await red.expectResult(brokerGap);
    await rooms.say('red', 'hi');
    await red.expectNext(said('hi'));
  },
  20_000,
);

test('connections that reach different servers are found', async () => {
  await using other = await startRedis();
  const { url, pairs } = await startPipes();
  const rooms = await redisRooms(quickEmitter(url));
  await rooms.whenHealth('up');
  const [, sending] = pairs;
  if (sending === undefined) throw new Error('There are two connections');

  // From here on its commands go elsewhere, as after a failover that only some have noticed.
  const elsewhere = connect(other.port, '127.0.0.1');
  onTestFinished(() => void elsewhere.destroy());
  sending.client.unpipe(sending.target);
  sending.client.pipe(elsewhere);
  elsewhere.pipe(sending.client);

  await vi.waitUntil(
    () => rooms.told.some(({ lastError }) => lastError?.message.includes('does not come in')),
    { timeout: 5_000 },
  );
  await rooms.whenHealth('up');
}, 20_000);

test('a process that is busy for long takes nobody for dead', async () => {
  const rooms = await redisRooms(quickEmitter(redis.url));
  const red = await rooms.hearRoom('red');
  await rooms.whenHealth('up');
  const { length } = rooms.told;

  for (let round = 0; round < 6; round += 1) {
    const until = performance.now() + 600;
    while (performance.now() < until);
    // At each place between two turns.
    if (round % 2 === 0) await sleep(round * 30);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await rooms.say('red', 'hi');

  await red.expectNext(said('hi'));
  expect(rooms.told.slice(length)).toEqual([]);
}, 30_000);

test('connections with much to carry, on a slow line, are not taken for dead', async () => {
  const { url, pairs } = await startPipes();
  const rooms = await redisRooms(quickEmitter(url));
  const red = await rooms.hearRoom('red');
  await rooms.whenHealth('up');
  const { length } = rooms.told;
  // Some megabytes, of which 64 kB go through each 10 ms: longer than it takes to be dead.
  for (const { client, target } of pairs) {
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      from.unpipe(to);
      from.on('data', (chunk) => {
        to.write(chunk);
        from.pause();
        setTimeout(() => from.resume(), 10);
      });
      from.resume();
    }
  }

  const text = 'x'.repeat(100_000);
  const results = await Promise.all(Array.from({ length: 80 }, () => rooms.say('red', text)));

  expect(results).toHaveLength(80);
  for (let count = 0; count < 80; count += 1) await red.expectNext(said(text));
  expect(rooms.told.slice(length)).toEqual([]);
}, 30_000);

test('an unguarded process that listens to everything survives the heartbeats of others', async () => {
  const bystander = mqemitterRedis({ connectionString: redis.url });
  const topics: string[] = [];
  await new Promise<void>((resolve) => {
    bystander.on(
      '#',
      ({ topic }, done) => {
        topics.push(topic);
        done();
      },
      resolve,
    );
  });
  await redisRooms(quickEmitter(redis.url));

  await vi.waitUntil(() => topics.length >= 2, { timeout: 5_000 });
  expect(topics[0]).toMatch(/^groupcast-heartbeat:/);
  await closeEmitter(bystander);
});
