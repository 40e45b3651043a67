import type { Message } from 'mqemitter';
import type { RedisConnection, RedisEmitter } from './redis-emitter.ts';

/** Who looks at messages before the emitter does. */
export interface MessageGuard {
  /** Something came in. Returns true when the message was for the guard alone. */
  received(channel: string): boolean;
  /** Something came in that the emitter can't read. */
  unreadable(channel: string, error: unknown): void;
}

/** `{`: the first byte of our envelope as JSON; in MessagePack it would be the number 123. */
const BRACE = 0x7b;

/** Those of mqemitter-redis have 33 characters or so. */
const MAX_ID_LENGTH = 64;

type Listener = (...args: Buffer[]) => void;

/**
 * Keeps what comes in on the emitter's connection from ending the process: mqemitter-redis decodes
 * it in the listener of an event, where a throw has no other way to go.
 *
 * Also takes messages that are JSON text, which any language can publish.
 */
export function guardMessages(emitter: RedisEmitter, guard: MessageGuard): void {
  const { subConn } = emitter;
  const emit = emitter._emit.bind(emitter);
  /** Where the message comes from that is being read. */
  let current: string | undefined;
  emitter._emit = (message, done) => {
    // Rights to publish are rights on a channel: what came on another is not taken for a topic.
    if (isMessage(message) && message.topic === current) return emit(message, done);
    throw new TypeError('it holds no message of this channel');
  };
  const reading = (channel: string, take: () => boolean): boolean => {
    current = channel;
    return guard.received(channel) || take();
  };
  // A pattern that the app listens to. What is JSON text arrives on its own channel too.
  guardEvent(subConn, 'pmessageBuffer', guard, (_pattern, channel, message) =>
    reading(String(channel), () => message?.[0] === BRACE),
  );
  guardEvent(subConn, 'messageBuffer', guard, (channel, message) => {
    const topic = String(channel);
    return reading(topic, () => {
      if (message?.[0] !== BRACE) return false;
      emitter._emit({ topic, payload: String(message) });
      return true;
    });
  });
  guardCache(emitter);
}

/** @param take - looks at it first; true keeps it from the listeners that were there before */
function guardEvent(
  connection: RedisConnection,
  event: string,
  guard: MessageGuard,
  take: (...args: Buffer[]) => boolean,
): void {
  // They listen to what ioredis emits, which has Buffers as its arguments.
  const listeners = connection.listeners(event) as Listener[];
  connection.removeAllListeners(event);
  connection.on(event, (...args: Buffer[]) => {
    try {
      if (take(...args)) return;
      for (const listener of listeners) listener.apply(connection, args);
    } catch (error) {
      guard.unreadable(String(args.at(-2)), error);
    }
  });
}

/** mqemitter-redis remembers the ids of 10,000 messages for a minute, whatever they are. */
function guardCache(emitter: RedisEmitter): void {
  const cache: unknown = '_cache' in emitter ? emitter._cache : undefined;
  if (!isCache(cache)) return;
  const set = cache.set.bind(cache);
  cache.set = (id, value) => {
    if (typeof id === 'string' && id.length <= MAX_ID_LENGTH) set(id, value);
  };
}

function isCache(value: unknown): value is { set: (id: unknown, value: unknown) => void } {
  return (
    typeof value === 'object' && value !== null && 'set' in value && typeof value.set === 'function'
  );
}

function isMessage(message: unknown): message is Message {
  return (
    typeof message === 'object' &&
    message !== null &&
    'topic' in message &&
    typeof message.topic === 'string'
  );
}
