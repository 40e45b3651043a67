import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import type { RedisServer } from './redis-server.ts';

/** Publishes bytes, as anybody can who reaches Redis; closed after the test. */
export function startRedisClient(
  redis: RedisServer,
): (channel: string, message: Buffer | string) => Promise<number> {
  const client = new Redis(redis.url);
  // Redis may be stopped before.
  client.on('error', () => undefined);
  onTestFinished(() => client.disconnect());
  return (channel, message) => client.publish(channel, message);
}
