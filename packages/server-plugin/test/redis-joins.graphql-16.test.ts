import type { TestOperation } from '@groupcast/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBroker } from '../src/broker/create-broker.ts';
import { groupTopic } from '../src/broker/topic.ts';
import { redisEmitter } from '../src/redis.ts';
import { brokerGap } from './support/gap.ts';
import { RecordedLog } from './support/recorded-log.ts';
import { closeAfterTest, PATIENCE_MS, redisRooms, said } from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { hear } from './support/start-rooms.ts';
import { startProxy } from './support/tcp-proxy.ts';

let redis: RedisServer;

beforeEach(async () => {
  redis = await startRedis();
});

afterEach(() => redis.stop());

const channel = (room: string) => groupTopic('groupcast', 'onMessage', room);

/** What every app listens to; a subscriber is also among all of its field. */
const common = ['groupcast:c', 'groupcast:f:onMessage', 'groupcast-heartbeat:*'];

/** What a user of Redis may listen to from now on; connections that hear more are cut by Redis. */
function allow(...channels: readonly string[]): Promise<unknown> {
  const rights = channels.map((each) => `&${each}`);
  return redis.command('ACL', 'SETUSER', 'chat', 'resetchannels', ...rights);
}

async function userChat(): Promise<string> {
  await redis.command(
    'ACL',
    'SETUSER',
    'chat',
    'on',
    '>pw',
    'allcommands',
    'allkeys',
    'allchannels',
  );
  return redis.url.replace('redis://', 'redis://chat:pw@');
}

test('E1 the second who joins a group waits for the answer of Redis, as the first', async () => {
  await using proxy = await startProxy(redis.port);
  const emitter = closeAfterTest(redisEmitter({ url: `redis://127.0.0.1:${proxy.port}` }));
  const [first, second] = [await redisRooms(emitter), await redisRooms(emitter)];
  await Promise.all([first.whenHealth('up'), second.whenHealth('up')]);
  const settled = vi.fn();

  proxy.freeze();
  const joining = [first.hearRoom('red'), first.hearRoom('red'), second.hearRoom('red')];
  for (const each of joining) void each.then(settled);
  // So many turns that a join which waits for nothing would be long done.
  for (let count = 0; count < 20; count += 1) await redis.command('PING');
  expect(settled).not.toHaveBeenCalled();
  proxy.thaw();

  const heard = await Promise.all(joining);
  expect(await second.say('red', 'hi')).toEqual({ processes: 1 });
  for (const each of heard) await each.expectNext(said('hi'));
}, 20_000);

test('a group that is left and joined again at once waits for an answer of its own', async () => {
  await using proxy = await startProxy(redis.port);
  const emitter = closeAfterTest(redisEmitter({ url: `redis://127.0.0.1:${proxy.port}` }));
  const log = new RecordedLog();
  const onMessage = vi.fn();
  const broker = createBroker({ emitter, ownsEmitter: false, log, onMessage });
  const red = channel('red');
  await broker.join(groupTopic('groupcast', 'onMessage', 'blue'));
  proxy.delay(100);

  const first = broker.join(red).catch((error: Error) => error.message);
  const left = broker.leave(red);
  const again = broker.join(red);
  await Promise.all([left, again]);

  expect(await first).toContain('left meanwhile');
  expect(await redis.command('PUBLISH', red, '{}')).toBe(1);
  await vi.waitFor(() => expect(onMessage).toHaveBeenCalledTimes(1));
  await broker.close(1_000);
});

test('a group that Redis refuses is an error for its subscriber, a line in the log, and nothing to others', async () => {
  const rooms = await redisRooms(await userChat());
  await rooms.whenHealth('up');
  await allow(channel('red'), ...common);
  await rooms.whenHealth('up');

  const blue = await rooms.hearRoom('blue');
  await blue.expectError('could not be joined');
  const red = await rooms.hearRoom('red');
  await rooms.say('red', 'hi');

  await red.expectNext(said('hi'));
  const lines = rooms.log.filter(({ message }) => message === 'Redis refuses channels of groups');
  expect(lines).toMatchObject([
    { details: { channel: channel('blue'), err: { message: expect.stringContaining('NOPERM') } } },
  ]);
  expect(rooms.app.graphqlWs.health.status).toBe('up');
});

test('a group that is refused after an outage shows in the health, harms no other, and is heard again when it may be', async () => {
  const rooms = await redisRooms(await userChat());
  const operations = new Map<string, TestOperation>();
  for (const room of ['red', 'blue', 'green', 'pink'])
    operations.set(room, await rooms.hearRoom(room));
  const others = ['red', 'green', 'pink'];

  await allow(...others.map(channel), ...common);
  for (const operation of operations.values()) await operation.expectResult(brokerGap);
  await rooms.whenHealth('degraded');
  await Promise.all(others.map((room) => rooms.say(room, 'hi')));
  for (const room of others) await operations.get(room)?.expectNext(said('hi'));
  expect(rooms.app.graphqlWs.health.lastError?.message).toContain('NOPERM');

  await redis.command('ACL', 'SETUSER', 'chat', 'allchannels');
  for (const operation of operations.values()) await operation.expectResult(brokerGap);
  await rooms.say('blue', 'again');
  await operations.get('blue')?.expectNext(said('again'));
  expect(rooms.app.graphqlWs.health.status).toBe('up');
}, 30_000);

test('where Redis refuses the channel of the heartbeat, that is said, and all else works', async () => {
  const url = await userChat();
  await allow('groupcast:*');
  const rooms = await redisRooms(url);
  const red = await rooms.hearRoom('red');
  await rooms.say('red', 'hi');

  await red.expectNext(said('hi'));
  await rooms.whenHealth('up');
  expect(rooms.log.map(({ message }) => message)).toContain(
    'Redis refuses the channel of the heartbeat: some losses are not noticed',
  );
});

test('a thousand groups are joined again in a few commands', async () => {
  const rooms = await redisRooms(redis.url);
  const client = await rooms.connect({ timeoutMs: PATIENCE_MS });
  const names = Array.from({ length: 2_500 }, (_, index) => `room-${index}`);
  const all = await hear(client, ...names);
  await redis.command('CONFIG', 'RESETSTAT');

  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await vi.waitUntil(() => rooms.told.at(-1)?.status === 'degraded');
  await rooms.whenHealth('up');
  await rooms.say('room-2499', 'hi');

  await all.expectNext(said('hi'));
  const stats = String(await redis.command('INFO', 'commandstats'));
  const [, calls] = /cmdstat_subscribe:calls=(\d+)/.exec(stats) ?? [];
  expect(Number(calls)).toBeLessThan(10);
}, 20_000);
