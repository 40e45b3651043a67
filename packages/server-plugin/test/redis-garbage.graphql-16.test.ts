import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seeded } from '../../client/test/support/seeded.ts';
import { groupTopic } from '../src/broker/topic.ts';
import { garbage } from './support/garbage.ts';
import { startRedisClient } from './support/redis-client.ts';
import { redisRooms, said } from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';

/** The library with which mqemitter-redis encodes. */
const { encode }: { encode(value: unknown): Buffer } = createRequire(
  createRequire(import.meta.url).resolve('mqemitter-redis'),
)('msgpack-lite');

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

const red = groupTopic('groupcast', 'onMessage', 'red');
const blue = groupTopic('groupcast', 'onMessage', 'blue');
const event = (text: string) => JSON.stringify({ v: 1, payload: { text } });

/** What mqemitter-redis sends, with anything in it. */
const packet = (msg: unknown, id: unknown = Math.random().toString(36)) => encode({ id, msg });

const hostile: [name: string, message: Buffer | string][] = [
  ['empty', ''],
  ['text', 'hello'],
  ['half a map', Buffer.from([0x82, 0xa2])],
  ['deeply nested MessagePack', Buffer.alloc(100_000, 0x91)],
  ['deeply nested JSON', `{"v":1,"payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ['a megabyte of nothing', Buffer.alloc(1_000_000)],
  ['a megabyte of JSON', event('x'.repeat(1_000_000)).slice(0, -2)],
  ['a packet without a message', encode({ id: 'x' })],
  ['a packet that is nothing', encode(null)],
  ['a packet with a message of null', packet(null)],
  ['a packet with a number as topic', packet({ topic: 7, payload: event('hi') })],
  ['a packet with a prototype as topic', packet({ topic: '__proto__', payload: event('hi') })],
  ['a packet without a payload', packet({ topic: red })],
  ['a packet with a map as payload', packet({ topic: red, payload: { v: 1 } })],
  ['a packet with bytes as payload', packet({ topic: red, payload: Buffer.from(event('hi')) })],
  ['a packet with a map as id', packet({ topic: red, payload: 7 }, { a: 1 })],
  ['a packet with a prototype', encode(JSON.parse('{"__proto__":{"msg":{"topic":"x"}}}'))],
];

test('foreign and hostile bytes end nothing, and the next event arrives', async () => {
  const rooms = await redisRooms(redis.url);
  const operation = await rooms.hearRoom('red');
  const publish = startRedisClient(redis);

  for (const [name, message] of hostile) {
    await publish(red, message);
    await publish('groupcast:c', message);
    await rooms.say('red', name);
    await operation.expectNext(said(name));
  }
  expect(rooms.app.graphqlWs.health.status).toBe('up');
});

test('a flood of garbage ends nothing, and makes a line or two in a second', async () => {
  const rooms = await redisRooms(redis.url);
  const operation = await rooms.hearRoom('red');
  const publish = startRedisClient(redis);
  const random = seeded(4711);
  const start = performance.now();
  const { length } = rooms.log;

  for (let round = 0; round < 20; round += 1) {
    await Promise.all(Array.from({ length: 100 }, () => publish(red, garbage(random))));
    await rooms.say('red', `${round}`);
    await operation.until(({ data }) => JSON.stringify(data) === JSON.stringify(said(`${round}`)));
  }

  const seconds = Math.ceil((performance.now() - start) / 1_000);
  const lines = rooms.log.slice(length);
  expect(new Set(lines.map(({ message }) => message)).size).toBeLessThanOrEqual(3);
  expect(lines.length).toBeLessThanOrEqual(3 * (seconds + 1));
  expect(Math.max(...lines.map((line) => JSON.stringify(line).length))).toBeLessThan(10_000);
}, 30_000);

test('a message that says another channel than that on which it came is dropped', async () => {
  const rooms = await redisRooms(redis.url);
  const [heardRed, heardBlue] = [await rooms.hearRoom('red'), await rooms.hearRoom('blue')];
  const publish = startRedisClient(redis);

  await publish(red, packet({ topic: blue, payload: event('smuggled') }));
  await publish(red, packet({ topic: red, payload: event('honest') }));
  await rooms.say('blue', 'end');

  await heardRed.expectNext(said('honest'));
  await heardBlue.expectNext(said('end'));
  expect(rooms.log.map(({ message }) => message)).toContain(
    'Unreadable messages on channels of ours were dropped',
  );
});

test('an event can be published as JSON text, without mqemitter', async () => {
  const rooms = await redisRooms(redis.url);
  const operation = await rooms.hearRoom('red');
  const publish = startRedisClient(redis);

  await publish(red, event('from a script'));

  await operation.expectNext(said('from a script'));
});

test('an app that listens to all channels hears no message twice, and no heartbeat', async () => {
  const rooms = await redisRooms(redis.url);
  const operation = await rooms.hearRoom('red');
  await rooms.whenHealth('up');
  await new Promise<void>((resolve) => {
    rooms.emitter.on('#', (_message, done) => done(), resolve);
  });
  const publish = startRedisClient(redis);
  const { length } = rooms.log;

  await publish(red, event('one'));
  await rooms.say('red', 'two');
  await publish('groupcast-heartbeat:other', '');
  await rooms.say('red', 'end');

  for (const text of ['one', 'two', 'end']) await operation.expectNext(said(text));
  expect(rooms.log.slice(length)).toEqual([]);
});
