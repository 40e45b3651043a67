import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import mqemitterRedis from 'mqemitter-redis';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createBroker } from '../src/broker/create-broker.ts';
import type { Emitter } from '../src/broker/mqemitter-broker.ts';
import { groupTopic } from '../src/broker/topic.ts';
import { RecordedLog } from './support/recorded-log.ts';
import { closeEmitter, expectRecovery, redisRooms, said } from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { startProxy } from './support/tcp-proxy.ts';

/** It has no types. */
const {
  MQEmitterRedisPrefix,
}: {
  MQEmitterRedisPrefix: new (prefix: string, options: { connectionString: string }) => Emitter;
} = createRequire(import.meta.url)('mqemitter-redis');

let redis: RedisServer;

beforeEach(async () => {
  redis = await startRedis();
});

afterEach(() => redis.stop());

const made: [name: string, make: (url: string) => Emitter][] = [
  ['of a connection string', (connectionString) => mqemitterRedis({ connectionString })],
  ['of options', (url) => mqemitterRedis({ port: Number(new URL(url).port) })],
  [
    'of lazy options',
    (url) => mqemitterRedis({ port: Number(new URL(url).port), lazyConnect: true }),
  ],
  [
    'of connections of the app',
    (url) => mqemitterRedis({ subConn: new Redis(url), pubConn: new Redis(url) }),
  ],
  [
    'of connections that queue nothing',
    (url) => {
      const connect = () => new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1 });
      return mqemitterRedis({ subConn: connect(), pubConn: connect() });
    },
  ],
  [
    'of connections that subscribe to nothing again by themselves',
    (url) => {
      const connect = () => new Redis(url, { autoResubscribe: false });
      return mqemitterRedis({ subConn: connect(), pubConn: connect() });
    },
  ],
  ['with a prefix', (connectionString) => new MQEmitterRedisPrefix('pre/', { connectionString })],
];

test.each(made)(
  'an emitter %s works, and outlasts a crash of Redis',
  async (_name, make) => {
    const emitter = make(redis.url);
    onTestFinished(() => closeEmitter(emitter));
    const rooms = await redisRooms(emitter);
    const red = await rooms.hearRoom('red');
    expect(await rooms.say('red', 'before')).toEqual({ processes: 1 });
    await red.expectNext(said('before'));

    await redis.kill();
    await rooms.whenHealth('down');
    const late = rooms.hearRoom('late');
    await redis.restart();
    await expectRecovery(rooms, red);
    const green = await late;

    expect(await rooms.say('red', 'after')).toEqual({ processes: 1 });
    expect(await rooms.say('late', 'after')).toEqual({ processes: 1 });
    await red.expectNext(said('after'));
    await green.expectNext(said('after'));
  },
  30_000,
);

test.each(made)(
  'what is left while an emitter %s is away stays left',
  async (_name, make) => {
    const emitter = make(redis.url);
    onTestFinished(() => closeEmitter(emitter));
    const log = new RecordedLog();
    const broker = createBroker({ emitter, ownsEmitter: false, log, onMessage: () => undefined });
    const topics = ['red', 'blue', 'green'].map((room) => groupTopic('left', 'onMessage', room));
    await Promise.all(topics.map((topic) => broker.join(topic)));
    await redis.kill();
    await vi.waitUntil(() => broker.health.status === 'down');

    await Promise.all(topics.slice(1).map((topic) => broker.leave(topic)));
    await redis.restart();
    await vi.waitUntil(() => broker.health.status === 'up', { timeout: 10_000 });

    const channels = await redis.command('PUBSUB', 'CHANNELS', '*left:*');
    expect(channels).toEqual([expect.stringContaining('left:g:onMessage:red')]);
    await broker.close(1_000);
  },
  20_000,
);

test('connections of the app go on serving it', async () => {
  const [subConn, pubConn] = [new Redis(redis.url), new Redis(redis.url)];
  const emitter = mqemitterRedis({ subConn, pubConn });
  onTestFinished(() => closeEmitter(emitter));
  const rooms = await redisRooms(emitter);
  const red = await rooms.hearRoom('red');
  const heard: string[] = [];
  subConn.on('message', (channel) => void (channel === 'own' && heard.push(channel)));

  expect(await subConn.subscribe('own')).toBeGreaterThan(1);
  await expect(subConn.subscribe()).rejects.toThrow('wrong number of arguments');
  await pubConn.set('key', 'value');
  await pubConn.publish('own', 'not for an emitter');
  await rooms.say('red', 'hi');

  await red.expectNext(said('hi'));
  expect(await pubConn.get('key')).toBe('value');
  await vi.waitUntil(() => heard.length === 1);
  expect(rooms.told.map(({ status }) => status)).toEqual(['up']);
});

test('groups that are left and joined while an emitter of that kind is away leave no commands behind', async () => {
  await using proxy = await startProxy(redis.port);
  const subConn = new Redis(`redis://127.0.0.1:${proxy.port}`);
  const emitter = mqemitterRedis({ subConn, pubConn: new Redis(redis.url) });
  onTestFinished(() => closeEmitter(emitter));
  const rooms = await redisRooms(emitter);
  await rooms.whenHealth('up');
  proxy.refuse();
  proxy.cut();
  await rooms.whenHealth('degraded');
  const client = await rooms.connect();

  for (let count = 0; count < 200; count += 1) {
    client.start(`subscription { onMessage(rooms: ["room ${count}"]) { text } }`).stop();
  }
  await client.fence();

  expect((subConn as unknown as { offlineQueue: { length: number } }).offlineQueue.length).toBe(0);
});
