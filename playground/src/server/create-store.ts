import type { ChatStore } from './chat-store.ts';
import { MemoryStore } from './memory-store.ts';
import { RedisStore } from './redis-store.ts';

/** Makes the store that goes with a Redis, or with none. */
export function createStore(redisUrl: string | undefined): ChatStore {
  return redisUrl === undefined ? new MemoryStore() : new RedisStore(redisUrl);
}
