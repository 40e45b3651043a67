import mqemitterRedis from 'mqemitter-redis';
import { afterAll, beforeAll, test } from 'vitest';
import { runBrokerContract } from '../src/broker-contract.ts';
import { redisEmitter } from '../src/redis.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

/** For machines that are busy with other tests. */
const patient = { test, areConnected: true, timeoutMs: 10_000 };

runBrokerContract({
  ...patient,
  name: 'redisEmitter()',
  createEmitter: () => redisEmitter({ url: redis.url }),
});

runBrokerContract({
  ...patient,
  name: 'mqemitter-redis as an app makes it',
  createEmitter: () => mqemitterRedis({ connectionString: redis.url }),
});
