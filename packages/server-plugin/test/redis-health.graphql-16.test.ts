import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { redisEmitter } from '../src/redis.ts';
import { closeAfterTest, redisRooms } from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { startProxy } from './support/tcp-proxy.ts';

let redis: RedisServer;

beforeEach(async () => {
  redis = await startRedis();
});

afterEach(() => redis.stop());

test('each change is told once, with its time and what failed, and logged once', async () => {
  await using proxy = await startProxy(redis.port);
  const rooms = await redisRooms(`redis://127.0.0.1:${proxy.port}`);
  const upAt = (await rooms.whenHealth('up')).since;
  const { length } = rooms.log;

  proxy.refuse();
  proxy.cut();
  const down = await rooms.whenHealth('down');
  expect(down.lastError).toBeInstanceOf(Error);
  expect(down.since.getTime()).toBeGreaterThanOrEqual(upAt.getTime());
  // Further failures are no changes.
  for (let count = 0; count < 3; count += 1) {
    const { lastError } = rooms.app.graphqlWs.health;
    await vi.waitUntil(() => rooms.app.graphqlWs.health.lastError !== lastError, {
      timeout: 5_000,
    });
  }
  expect(rooms.app.graphqlWs.health.since).toBe(down.since);
  await proxy.accept();
  const up = await rooms.whenHealth('up');

  expect(up.lastError?.message).toContain('ECONNREFUSED');
  expect(rooms.told.map(({ status }) => status)).toEqual([
    'up',
    'degraded',
    'down',
    'degraded',
    'up',
  ]);
  const lines = rooms.log.slice(length).filter(({ message }) => message.startsWith('The broker'));
  expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'warn: The broker is degraded',
    'warn: The broker is down',
    'warn: The broker is degraded',
    'warn: The broker is up again',
  ]);
}, 20_000);

test('a crash of Redis is an error that says which connection is gone', async () => {
  const rooms = await redisRooms(redis.url);
  await rooms.whenHealth('up');

  await redis.kill();
  await rooms.whenHealth('down');

  for (const { lastError } of rooms.told.slice(1)) expect(lastError?.message).not.toBe('');
});

test('connections that give up, by the retries that the app has chosen, are told, and nothing waits for them', async () => {
  const emitter = closeAfterTest(
    redisEmitter({ url: redis.url, options: { retryStrategy: () => null } }),
  );
  const rooms = await redisRooms(emitter);
  await rooms.whenHealth('up');
  await redis.kill();
  await vi.waitUntil(() => rooms.app.graphqlWs.health.lastError?.message.includes('gives up'));
  // One of them may be told to have given up before the other is.
  await rooms.whenHealth('down');

  const start = performance.now();
  await expect(rooms.say('red', 'hi')).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE',
  });
  const red = await rooms.hearRoom('red');
  await red.expectError('could not be joined');
  expect(performance.now() - start).toBeLessThan(1_000);
});

test('what waits when the connections give up is rejected at once', async () => {
  await using proxy = await startProxy(redis.port);
  let mayRetry = true;
  const url = `redis://127.0.0.1:${proxy.port}`;
  const retryStrategy = () => (mayRetry ? 20 : null);
  const rooms = await redisRooms(closeAfterTest(redisEmitter({ url, options: { retryStrategy } })));
  await rooms.whenHealth('up');
  proxy.refuse();
  proxy.cut();
  await rooms.whenHealth('down');

  const broadcast = rooms.say('red', 'hi').catch((error: Error) => error.message);
  const joining = rooms.hearRoom('red');
  mayRetry = false;

  expect(await broadcast).toContain('gives up');
  await (await joining).expectError('could not be joined');
});
