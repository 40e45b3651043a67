import { createBroadcaster } from '@groupcast/fastify';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { redisEmitter } from '../src/redis.ts';
import { closeAfterTest, quickEmitter, redisRooms, said } from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { startProxy } from './support/tcp-proxy.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

const brokerLines = (log: readonly { message: string }[]) =>
  log.map(({ message }) => message).filter((message) => message.startsWith('The broker'));

test('a start that goes well logs nothing, and the health says when it is up', async () => {
  const rooms = await redisRooms(redis.url);
  expect(rooms.app.graphqlWs.health.status).toBe('down');

  await rooms.whenHealth('up');

  expect(rooms.told.map(({ status }) => status)).toEqual(['up']);
  expect(brokerLines(rooms.log)).toEqual([]);
});

test('with Redis down an app starts, says so, and recovers by itself with all who wait', async () => {
  await using proxy = await startProxy(redis.port);
  proxy.refuse();
  const rooms = await redisRooms(`redis://127.0.0.1:${proxy.port}`);
  const hearing = rooms.hearRoom('red');
  hearing.catch(() => undefined);
  await vi.waitUntil(() => rooms.app.graphqlWs.health.lastError);
  expect(rooms.app.graphqlWs.health).toMatchObject({
    status: 'down',
    lastError: { message: expect.stringContaining('ECONNREFUSED') },
  });
  expect(brokerLines(rooms.log)).toEqual(['The broker is down']);

  const early = rooms.say('red', 'early');
  await proxy.accept();
  const red = await hearing;
  await rooms.whenHealth('up');
  await rooms.say('red', 'hi');

  expect(await early).toEqual({ processes: 1 });
  await red.expectNext(said('early'));
  await red.expectNext(said('hi'));
  expect(rooms.told.map(({ status }) => status).at(-1)).toBe('up');
  expect(brokerLines(rooms.log).at(-1)).toBe('The broker is up again');
}, 20_000);

test('with Redis frozen an app starts, says so, and recovers by itself', async () => {
  await using proxy = await startProxy(redis.port);
  proxy.freeze();
  const rooms = await redisRooms(quickEmitter(`redis://127.0.0.1:${proxy.port}`));
  const hearing = rooms.hearRoom('red');
  hearing.catch(() => undefined);
  await vi.waitUntil(() => rooms.app.graphqlWs.health.lastError, { timeout: 5_000 });
  expect(rooms.app.graphqlWs.health).toMatchObject({
    status: 'down',
    lastError: { message: expect.stringContaining('did not get ready within 500 ms') },
  });

  proxy.thaw();
  const red = await hearing;
  await rooms.say('red', 'hi');

  await red.expectNext(said('hi'));
}, 20_000);

test('a broadcaster in a process of its own works at once', async () => {
  const rooms = await redisRooms(redis.url);
  const red = await rooms.hearRoom('red');
  const emitter = closeAfterTest(redisEmitter({ url: redis.url }));
  const { onMessage } = rooms;
  const broadcaster = createBroadcaster({ emitter, subscriptions: { onMessage } });

  await broadcaster.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
  await broadcaster.close();

  await red.expectNext(said('hi'));
});
