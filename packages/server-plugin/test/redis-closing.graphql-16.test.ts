import mqemitterRedis from 'mqemitter-redis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isRedisEmitter } from '../src/broker/redis/redis-emitter.ts';
import { redisEmitter } from '../src/redis.ts';
import {
  closeAfterTest,
  closeEmitter,
  type RedisRooms,
  redisRooms,
} from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { forkServer, type ServerProcess } from './support/server-process.ts';
import { startProxy } from './support/tcp-proxy.ts';

let redis: RedisServer;

beforeEach(async () => {
  redis = await startRedis();
});

afterEach(() => redis.stop());

/** What keeps a process running. */
const handles = () =>
  process.getActiveResourcesInfo().filter((name) => /Timeout|TCP|Pipe|Immediate/.test(name)).length;

const states: [name: string, bring: (rooms: RedisRooms) => Promise<void> | void][] = [
  ['up', () => undefined],
  [
    'gone',
    async (rooms) => {
      await redis.kill();
      await rooms.whenHealth('down');
    },
  ],
  ['frozen', () => redis.freeze()],
  [
    'just back',
    async (rooms) => {
      await redis.kill();
      await rooms.whenHealth('down');
      void redis.restart();
      await vi.waitUntil(() => rooms.told.at(-1)?.status !== 'down', {
        timeout: 5_000,
        interval: 1,
      });
    },
  ],
];

test.each(states)(
  'with Redis %s an app closes within its time, then the emitter, and nothing is left',
  async (_name, bring) => {
    const before = handles();
    const rooms = await redisRooms(redis.url, { closeTimeoutMs: 1_000 });
    await rooms.whenHealth('up');
    await Promise.all(Array.from({ length: 20 }, (_, index) => rooms.hearRoom(`${index}`)));
    await bring(rooms);
    const broadcast = rooms.say('1', 'hi').then(
      () => 'taken',
      ({ code }) => code,
    );
    const joining = rooms.hearRoom('late').catch(() => 'closed');

    const start = performance.now();
    await rooms.app.close();
    expect(performance.now() - start).toBeLessThan(3_500);
    await closeEmitter(rooms.emitter);
    expect(performance.now() - start).toBeLessThan(5_000);

    expect([
      'taken',
      'GROUPCAST_ERR_BROKER_UNAVAILABLE',
      'GROUPCAST_ERR_BROADCAST_TIMEOUT',
    ]).toContain(await broadcast);
    await joining;
    expect(rooms.app.graphqlWs.stats()).toMatchObject({ emitterListeners: 0, timers: 0 });
    expect(rooms.app.graphqlWs.health.status).toBe('down');
    await redis.stop();
    await vi.waitUntil(() => handles() <= before, { timeout: 5_000 });
  },
  20_000,
);

test('an emitter can be closed twice, without a callback, and never connects again', async () => {
  const emitter = closeAfterTest(redisEmitter({ url: redis.url }));
  const rooms = await redisRooms(emitter);
  await rooms.whenHealth('up');
  await redis.kill();
  await rooms.whenHealth('down');

  (emitter.close as () => void)();
  await Promise.all([closeEmitter(emitter), closeEmitter(emitter)]);
  await redis.restart();

  await expect(rooms.say('red', 'hi')).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE',
  });
  await (await rooms.hearRoom('red')).expectError('could not be joined');
  if (!isRedisEmitter(emitter)) throw new Error('It is one');
  const { subConn, pubConn } = emitter;
  // No timer waits for another attempt.
  expect([subConn.reconnectTimeout, pubConn.reconnectTimeout]).toEqual([null, null]);
  expect(String(await redis.command('INFO', 'clients'))).toContain('connected_clients:1');
});

test('an emitter that is closed before the app leaves nobody waiting', async () => {
  await using proxy = await startProxy(redis.port);
  const rooms = await redisRooms(`redis://127.0.0.1:${proxy.port}`);
  await rooms.whenHealth('up');
  proxy.freeze();
  const joining = rooms.hearRoom('red');
  const client = await rooms.connect();
  await client.fence();

  await closeEmitter(rooms.emitter);

  await (await joining).expectError('could not be joined');
  expect(rooms.app.graphqlWs.health.status).toBe('down');
});

test('one app closes and the other on the same emitter hears on', async () => {
  const first = await redisRooms(redis.url);
  const second = await redisRooms(first.emitter);
  await first.hearRoom('red');
  const red = await second.hearRoom('red');

  await first.app.close();
  expect(await second.say('red', 'hi')).toEqual({ processes: 1 });
  await red.expectNext({ onMessage: { text: 'hi' } });
  expect(second.app.graphqlWs.health.status).toBe('up');
});

test('a user-made emitter closes too while Redis is gone', async () => {
  const emitter = mqemitterRedis({ connectionString: redis.url });
  const rooms = await redisRooms(emitter);
  await rooms.whenHealth('up');
  await redis.kill();
  await rooms.whenHealth('down');

  await rooms.app.close();
  await closeEmitter(emitter);
});

const ends: [name: string, bring: (server: ServerProcess) => Promise<unknown> | unknown][] = [
  ['up', () => undefined],
  ['gone', () => redis.kill()],
  ['frozen', () => redis.freeze()],
];

test.each(ends)(
  'with Redis %s a process ends by itself once it has closed',
  async (_name, bring) => {
    await using server = await forkServer({
      redisUrl: redis.url,
      options: { closeTimeoutMs: 500 },
    });
    await bring(server);

    expect(await server.close()).toEqual({ code: 0, signal: null, stderr: '' });
  },
  30_000,
);
