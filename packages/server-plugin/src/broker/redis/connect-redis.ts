import { Redis, type RedisOptions } from 'ioredis';
import mqemitterRedis from 'mqemitter-redis';
import type { Emitter } from '../mqemitter-broker.ts';
import type { HeartbeatTimes } from './heartbeat.ts';
import { isRedisEmitter } from './redis-emitter.ts';
import { RedisLink } from './redis-link.ts';

/**
 * Milliseconds between attempts to connect: from 50 up to 2,000, and a random part of at most 500,
 * so that processes don't come back all at once.
 */
function retryStrategy(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt - 1, 6), 2_000) + Math.random() * 500;
}

/** What the app can change. */
const defaults: RedisOptions = {
  connectTimeout: 3_000,
  disconnectTimeout: 100,
  keepAlive: 10_000,
  noDelay: true,
  retryStrategy,
};

/**
 * What it can't. Nothing is queued in the connection, or sent a second time by it: what waits for Redis
 * waits in the broker, for a limited time.
 */
const fixed: RedisOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  enableAutoPipelining: true,
  // Without it ioredis may take a connection for ready that was lost while it was opened, for ever.
  enableReadyCheck: true,
  autoResubscribe: true,
  lazyConnect: false,
};

/** Makes an emitter on two connections, which are guarded from the start. */
export function connectRedis(
  url: string | undefined,
  options: RedisOptions | undefined,
  times?: HeartbeatTimes,
): Emitter {
  const connect = (): Redis => {
    // A value that is undefined would take the place of ours.
    const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
    const all = { ...defaults, ...Object.fromEntries(given), ...fixed };
    // ioredis takes an URL's word before that of the options.
    return url === undefined ? new Redis(all) : new Redis(url, all);
  };
  const emitter: Emitter = mqemitterRedis({ subConn: connect(), pubConn: connect() });
  if (isRedisEmitter(emitter)) RedisLink.of(emitter, times);
  return emitter;
}
