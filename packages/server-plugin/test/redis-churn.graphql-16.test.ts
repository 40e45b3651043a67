import { expect, test, vi } from 'vitest';
import { createBroker } from '../src/broker/create-broker.ts';
import { isRedisEmitter } from '../src/broker/redis/redis-emitter.ts';
import { RedisLink } from '../src/broker/redis/redis-link.ts';
import { groupTopic } from '../src/broker/topic.ts';
import { redisEmitter } from '../src/redis.ts';
import { RecordedLog } from './support/recorded-log.ts';
import { closeAfterTest } from './support/redis-rooms.ts';
import { startRedis } from './support/redis-server.ts';
import { startProxy } from './support/tcp-proxy.ts';

test('what joins and leaves during an outage leaves nothing behind, in this process or in Redis', async () => {
  await using redis = await startRedis();
  await using proxy = await startProxy(redis.port);
  const emitter = closeAfterTest(redisEmitter({ url: `redis://127.0.0.1:${proxy.port}` }));
  if (!isRedisEmitter(emitter)) throw new Error('It is one');
  const { subscriber } = RedisLink.of(emitter);
  const log = new RecordedLog();
  const broker = createBroker({ emitter, ownsEmitter: false, log, onMessage: () => undefined });
  const topic = (n: number) => groupTopic('churn', 'onMessage', `${n}`);
  await Promise.all(Array.from({ length: 500 }, (_, n) => broker.join(topic(n))));
  expect(subscriber.channelCount).toBe(501);

  proxy.refuse();
  proxy.cut();
  await vi.waitUntil(() => broker.health.status === 'down');
  for (let round = 0; round < 20; round += 1) {
    const names = Array.from({ length: 500 }, (_, n) => topic(round * 500 + n));
    const joins = names.map((name) => broker.join(name).catch(() => 'left'));
    await Promise.all(names.map((name) => broker.leave(name)));
    await Promise.all(joins);
  }
  expect(subscriber.channelCount).toBe(1);
  expect(broker.listenerCount).toBe(0);
  const kept = broker.join(topic(7));
  await proxy.accept();
  await kept;

  await vi.waitUntil(() => broker.health.status === 'up');
  const channels = await redis.command('PUBSUB', 'CHANNELS', 'churn:*');
  expect(channels).toEqual([topic(7)]);
  // What mqemitter-redis keeps of each topic that was ever joined.
  await new Promise((resolve) => setImmediate(resolve));
  expect(Object.keys((emitter as unknown as { _topics: object })._topics)).toEqual([topic(7)]);
  await broker.close(1_000);
}, 30_000);

test('what is left while a connection breaks is not joined again on the next one', async () => {
  await using redis = await startRedis();
  const emitter = closeAfterTest(redisEmitter({ url: `redis://127.0.0.1:${redis.port}` }));
  if (!isRedisEmitter(emitter)) throw new Error('It is one');
  const { subscriber } = RedisLink.of(emitter);
  const { subConn } = emitter;
  await vi.waitUntil(() => subConn.status === 'ready');
  await subscriber.confirm(['churn:kept', 'churn:left']);

  // Broken, and not told of yet.
  subConn.stream?.destroy?.();
  expect(subConn.status).toBe('ready');
  subscriber.leave(['churn:left']);
  await vi.waitUntil(() => subConn.status !== 'ready');
  await vi.waitUntil(() => subConn.status === 'ready');
  await subscriber.confirm(['churn:kept', 'churn:new']);

  const channels = await redis.command('PUBSUB', 'CHANNELS', 'churn:*');
  expect(new Set(channels as string[])).toEqual(new Set(['churn:kept', 'churn:new']));
}, 30_000);

test('joins and leaves in any order, on a connection that breaks again and again, end as the last ones say', async () => {
  await using redis = await startRedis();
  await using proxy = await startProxy(redis.port);
  const emitter = closeAfterTest(redisEmitter({ url: `redis://127.0.0.1:${proxy.port}` }));
  const log = new RecordedLog();
  const broker = createBroker({ emitter, ownsEmitter: false, log, onMessage: () => undefined });
  const topic = (n: number) => groupTopic('churn', 'onMessage', `${n}`);
  const isJoined = (n: number, round: number) => (n * 7 + round * round) % 3 === 0;

  const last = 30;
  for (let round = 0; round <= last; round += 1) {
    for (let n = 0; n < 50; n += 1) {
      if (isJoined(n, round)) void broker.join(topic(n)).catch(() => undefined);
      else void broker.leave(topic(n));
    }
    if (round % 5 === 4) proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, round % 3));
  }
  const wanted = Array.from({ length: 50 }, (_, n) => n)
    .filter((n) => isJoined(n, last))
    .map(topic);

  await vi.waitFor(
    async () => {
      const channels = await redis.command('PUBSUB', 'CHANNELS', 'churn:*');
      expect(new Set(channels as string[])).toEqual(new Set(wanted));
      expect(broker.health.status).toBe('up');
    },
    { timeout: 10_000 },
  );
  await broker.close(1_000);
}, 30_000);

test('a hundred groups joined in one turn are one command, without those that are left in it', async () => {
  await using redis = await startRedis();
  const emitter = closeAfterTest(redisEmitter({ url: redis.url }));
  const log = new RecordedLog();
  const broker = createBroker({ emitter, ownsEmitter: false, log, onMessage: () => undefined });
  const topic = (n: number) => groupTopic('churn', 'onMessage', `${n}`);
  await vi.waitUntil(() => broker.health.status === 'up');
  await redis.command('CONFIG', 'RESETSTAT');

  const joins = Array.from({ length: 100 }, (_, n) => broker.join(topic(n)));
  await broker.leave(topic(7));
  await expect(joins[7]).rejects.toMatchObject({ code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE' });
  joins.splice(7, 1);
  await Promise.all(joins);

  const channels = await redis.command('PUBSUB', 'CHANNELS', 'churn:*');
  expect(channels).toHaveLength(99);
  expect(String(await redis.command('INFO', 'commandstats'))).toContain(
    'cmdstat_subscribe:calls=1,',
  );
  await broker.close(1_000);
});
