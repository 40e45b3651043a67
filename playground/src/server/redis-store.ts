import { once } from 'node:events';
import { Redis } from 'ioredis';
import { ChatError } from './chat-error.ts';
import {
  type ChatStore,
  HISTORY_LENGTH,
  type Message,
  VISIT_MS,
  type Visit,
} from './chat-store.ts';

/** Seconds after its last message in which a room is forgotten. */
const KEPT_S = 24 * 60 * 60;
/** Milliseconds that Redis may be silent, or take to connect. */
const TIMEOUT_MS = 3_000;

/** A message as JSON has it. */
interface StoredMessage extends Omit<Message, 'sentAt'> {
  readonly sentAt: string;
}

/**
 * Keeps a list of messages and a set of visits for each room in Redis: all processes see the same.
 *
 * The score of a visit is when it ends.
 */
export class RedisStore implements ChatStore {
  readonly #redis: Redis;
  #attempt: Promise<unknown> | undefined;

  constructor(url: string) {
    this.#redis = new Redis(url, {
      connectTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      // Nothing is kept for later: who says something while Redis is away is told so.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    });
    // It connects again by itself, and each command fails meanwhile.
    this.#redis.on('error', () => undefined);
  }

  async latest(room: string): Promise<readonly Message[]> {
    const texts = await this.#ask((redis) => redis.lrange(keyOf(room), 0, -1));
    return texts.map(readMessage);
  }

  async add(message: Message): Promise<void> {
    const key = keyOf(message.room);
    const results = await this.#ask((redis) =>
      redis
        .multi()
        .rpush(key, JSON.stringify(message))
        .ltrim(key, -HISTORY_LENGTH, -1)
        .expire(key, KEPT_S)
        .exec(),
    );
    for (const [error] of results ?? []) if (error) throw error;
  }

  async enter({ id, room, name }: Visit): Promise<void> {
    const key = visitsKeyOf(room);
    const now = Date.now();
    const results = await this.#ask((redis) =>
      redis
        .multi()
        .zadd(key, now + VISIT_MS, JSON.stringify([id, name]))
        .zremrangebyscore(key, '-inf', now)
        .pexpire(key, VISIT_MS)
        .exec(),
    );
    for (const [error] of results ?? []) if (error) throw error;
  }

  async leave({ id, room, name }: Visit): Promise<void> {
    await this.#ask((redis) => redis.zrem(visitsKeyOf(room), JSON.stringify([id, name])));
  }

  async visitors(room: string): Promise<readonly string[]> {
    const texts = await this.#ask((redis) =>
      redis.zrangebyscore(visitsKeyOf(room), Date.now(), '+inf'),
    );
    return [...new Set(texts.map(readName))].sort();
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #ask<Result>(command: (redis: Redis) => Promise<Result>): Promise<Result> {
    try {
      await this.#connected();
      return await command(this.#redis);
    } catch (cause) {
      throw new ChatError('Redis does not answer, please try again', 503, { cause });
    }
  }

  /** Rejects when there is no connection and the next attempt fails: an `error` ends `once`. */
  #connected(): Promise<unknown> {
    if (this.#redis.status === 'ready') return Promise.resolve();
    this.#attempt ??= once(this.#redis, 'ready').finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }
}

function keyOf(room: string): string {
  return `groupcast-playground:${room}`;
}

function visitsKeyOf(room: string): string {
  return `${keyOf(room)}:visits`;
}

function readName(text: string): string {
  const [, name]: [id: string, name: string] = JSON.parse(text);
  return name;
}

function readMessage(text: string): Message {
  const stored: StoredMessage = JSON.parse(text);
  return { ...stored, sentAt: new Date(stored.sentAt) };
}
