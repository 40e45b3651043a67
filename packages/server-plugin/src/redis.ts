/**
 * `@groupcast/fastify/redis`: the emitter for many processes.
 *
 * @packageDocumentation
 */
import type { RedisOptions } from 'ioredis';
import type { Emitter } from './broker/mqemitter-broker.ts';
import { connectRedis } from './broker/redis/connect-redis.ts';
import { OptionInvalidError } from './errors.ts';
import { checkOptions } from './option-checks.ts';

/** Where Redis is. */
export interface RedisEmitterOptions {
  /**
   * `redis://user:password@host:6379`, or `rediss://` with TLS. User and password are
   * percent-encoded, by `encodeURIComponent`.
   * @default what `options` say, and else this machine
   */
  readonly url?: string;
  /**
   * Options of ioredis: TLS, Sentinels, a name. What the url says goes before them. How connections
   * are retried can be changed, and a `retryStrategy` that returns `null` is final; how commands are
   * queued and sent again can't.
   */
  readonly options?: RedisOptions;
}

const anything = { expected: 'anything', accepts: () => true };

/**
 * Makes the emitter that carries broadcasts through Redis, to be given to the plugin or to
 * `createBroadcaster` as `emitter`: mqemitter-redis on two connections that are guarded.
 *
 * It connects at once, and again for ever; while Redis is away nothing ends and nothing throws.
 * `close(callback)` is the caller's to call: it calls back within about a second, whatever Redis does.
 *
 * @throws `GROUPCAST_ERR_OPTION_INVALID`, `GROUPCAST_ERR_OPTION_UNKNOWN`
 */
export function redisEmitter(options: RedisEmitterOptions = {}): Emitter {
  if (!isObject(options)) throw wrong('options', 'an object');
  checkOptions(options, { url: anything, options: anything });
  const { url } = options;
  if (url !== undefined && !isRedisUrl(url)) {
    throw wrong(
      'url',
      'a URL that begins with redis:// or rediss://, its user and password percent-encoded',
    );
  }
  if (options.options !== undefined && !isObject(options.options)) {
    throw wrong('options', 'an object with options of ioredis');
  }
  return connectRedis(url, options.options);
}

/** What ioredis can read: it throws at anything else, and shows it all. */
function isRedisUrl(url: unknown): boolean {
  return typeof url === 'string' && /^rediss?:\/\//.test(url) && URL.canParse(url);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Without the value: it may hold a password. */
function wrong(option: string, expected: string): Error {
  return new OptionInvalidError(option, expected, 'something else');
}
