import type { EventEmitter } from 'node:events';
import type { Message } from 'mqemitter';
import type { Emitter } from '../mqemitter-broker.ts';

/** The part of a socket that is used here; one that an application brings may lack any of it. */
interface RedisSocket {
  readonly bytesRead?: number;
  readonly writable?: boolean;
  /** Of Node's own: a large write has no other sign of progress. */
  readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null;
  destroy?(): unknown;
}

/**
 * The part of an ioredis connection that is used here. The application may have made it, and may
 * use it for other things too.
 */
export interface RedisConnection
  extends Pick<EventEmitter, 'on' | 'listeners' | 'removeAllListeners'> {
  /** `wait`, `connecting`, `connect`, `ready`, `close`, `reconnecting` or `end`. */
  readonly status: string;
  /** That of the present connection, or of the last. */
  readonly stream?: RedisSocket;
  /** Of ioredis's own; it is there while `reconnecting`. */
  readonly reconnectTimeout?: NodeJS.Timeout | null;
  subscribe(...args: unknown[]): Promise<unknown>;
  psubscribe(...args: unknown[]): Promise<unknown>;
  unsubscribe(...args: unknown[]): Promise<unknown>;
  publish(...args: unknown[]): Promise<unknown>;
  ping(): Promise<unknown>;
  quit(): Promise<unknown>;
  connect(): Promise<unknown>;
  disconnect(reconnect?: boolean): void;
}

/** What mqemitter-redis makes; anything that has its connections is taken for it. */
export interface RedisEmitter extends Emitter {
  readonly subConn: RedisConnection;
  readonly pubConn: RedisConnection;
  /** Hands a message to the listeners in this process. */
  _emit(message: Message, done?: () => void): unknown;
}

/** Tells emitters on Redis, whose connections can be watched, from all others. */
export function isRedisEmitter(emitter: Emitter): emitter is RedisEmitter {
  return (
    'subConn' in emitter &&
    isConnection(emitter.subConn) &&
    'pubConn' in emitter &&
    isConnection(emitter.pubConn) &&
    '_emit' in emitter &&
    typeof emitter._emit === 'function'
  );
}

/** ioredis mixes the methods of an EventEmitter in: there is no class to ask for. */
const methods = [
  'on',
  'listeners',
  'removeAllListeners',
  'subscribe',
  'psubscribe',
  'unsubscribe',
  'publish',
  'ping',
  'quit',
  'connect',
  'disconnect',
];

function isConnection(value: unknown): value is RedisConnection {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    methods.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}

/** Under which name Redis knows a topic: a sibling of mqemitter-redis puts something before all. */
export function channelOf(emitter: RedisEmitter, topic: string): string {
  const prefix: unknown = '_pubSubPrefix' in emitter ? emitter._pubSubPrefix : undefined;
  return typeof prefix === 'string' ? prefix + topic : topic;
}

/** Whether commands sent now reach Redis. */
export function isReady(connection: RedisConnection): boolean {
  return connection.status === 'ready' && connection.stream?.writable !== false;
}

/** Begins a new connection in place of one that is of no use; there is nobody to say goodbye to. */
export function reconnect(connection: RedisConnection): void {
  connection.disconnect(true);
  connection.stream?.destroy?.();
}

/** Whether Redis refuses this command to this user, while the connection works. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith('NOPERM');
}

/** Whether ioredis says that a command was not sent, there being no connection. */
export function isUnsent(error: Error): boolean {
  return error.message.startsWith("Stream isn't writeable");
}

/** Whether a command has failed because its connection did, which is told by itself. */
export function isAftermath(error: Error): boolean {
  return isUnsent(error) || ['MaxRetriesPerRequestError', 'AbortError'].includes(error.name);
}

/**
 * An error for people: without the command that ioredis hangs on it, which may hold a password or a
 * payload, and with a message where Node has none, for a name with several addresses.
 */
export function readable(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if ('command' in error) delete error.command;
  if (error.message !== '') return error;
  return new Error('code' in error ? String(error.code) : error.name, { cause: error });
}
