import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Topic } from '../topic.ts';
import { within } from '../within.ts';
import { guardMessages } from './guard-messages.ts';
import { Heartbeat, type HeartbeatTimes, heartbeatTimes } from './heartbeat.ts';
import {
  channelOf,
  isAftermath,
  isReady,
  type RedisConnection,
  type RedisEmitter,
  readable,
} from './redis-emitter.ts';
import { Sender } from './sender.ts';
import { Subscriber } from './subscriber.ts';

/** What is told about the two connections of an emitter. */
export interface LinkWatcher {
  /** One of them got ready, or was lost: then with the reason. */
  changed(connection: 'receiving' | 'sending', lost: Error | undefined): void;
  /** Something failed, which may or may not be followed by a change. */
  failed(error: Error): void;
  /** One of them will not come back by itself: it was closed, or gives up. */
  ended(connection: 'receiving' | 'sending', error: Error): void;
  /** Something came in that is no message of mqemitter-redis. */
  unreadable(channel: string, error: unknown): void;
}

const links = new WeakMap<RedisEmitter, RedisLink>();

/** What channels of heartbeats begin with, of all processes. */
const BEATS = 'groupcast-heartbeat:';

/** Milliseconds for Redis to say goodbye before the connections are cut. */
const QUIT_MS = 1_000;

/**
 * The two connections of one emitter on Redis, guarded: what the brokers of this process share that
 * are built on it.
 *
 * Made once for an emitter and kept as long as that. It stands between mqemitter-redis and its
 * connections where the library loses answers, ends the process, or never calls back.
 */
export class RedisLink {
  readonly subscriber: Subscriber;
  readonly sender: Sender;
  /** Joined while anybody watches: that Redis has confirmed it shows that it answers. */
  readonly beatChannel: string;
  readonly #emitter: RedisEmitter;
  readonly #times: HeartbeatTimes;
  readonly #watchers = new Set<LinkWatcher>();
  /** What went wrong last with a connection, since it was ready. */
  readonly #reasons = new Map<RedisConnection, Error>();
  readonly #beatTopic = `${BEATS}${randomBytes(9).toString('base64url')}` as Topic;
  #heartbeat: Heartbeat | undefined;
  /** Whether Redis has confirmed the channel on the present connection. */
  #mayBeat = false;
  #closing: Promise<void> | undefined;

  private constructor(emitter: RedisEmitter, times: HeartbeatTimes) {
    this.#emitter = emitter;
    this.#times = times;
    this.beatChannel = channelOf(emitter, this.#beatTopic);
    this.subscriber = new Subscriber(emitter.subConn);
    this.sender = new Sender(emitter);
    guardMessages(emitter, {
      received: (channel) => this.#receive(channel),
      unreadable: (channel, error) => {
        for (const watcher of this.#watchers) watcher.unreadable(channel, error);
      },
    });
    this.#guardClose();
    // Its errors are those of the connections; unheard, they would end the process.
    if ('state' in emitter && emitter.state instanceof EventEmitter) {
      emitter.state.on('error', () => {});
    }
    this.#watch(emitter.subConn, 'receiving');
    this.#watch(emitter.pubConn, 'sending');
  }

  /** @param times - taken when the link is made */
  static of(emitter: RedisEmitter, times: HeartbeatTimes = heartbeatTimes): RedisLink {
    let link = links.get(emitter);
    if (link === undefined) {
      link = new RedisLink(emitter, times);
      links.set(emitter, link);
    }
    return link;
  }

  get isReceiving(): boolean {
    return this.#closing === undefined && isReady(this.#emitter.subConn);
  }

  get isSending(): boolean {
    return this.#closing === undefined && isReady(this.#emitter.pubConn);
  }

  /** Whether a connection will not come back by itself. */
  hasEnded(connection: 'receiving' | 'sending'): boolean {
    const { subConn, pubConn } = this.#emitter;
    const { status } = connection === 'receiving' ? subConn : pubConn;
    return this.#closing !== undefined || status === 'end';
  }

  /** Tells of changes; while anybody watches, dead connections are looked for. */
  watch(watcher: LinkWatcher): () => void {
    this.#watchers.add(watcher);
    this.#heartbeat ??= this.#startHeartbeat();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#stopHeartbeat();
    };
  }

  /** To be called on each connection anew, by who has asked Redis for the channel. */
  allowBeats(isJoined: boolean): void {
    this.#mayBeat = isJoined;
  }

  #receive(channel: string): boolean {
    if (channel === this.beatChannel) this.#heartbeat?.returned();
    return channel.startsWith(channelOf(this.#emitter, BEATS));
  }

  #watch(connection: RedisConnection, name: 'receiving' | 'sending'): void {
    let wasReady = isReady(connection);
    const change = (lost: Error | undefined): void => {
      if (wasReady === (lost === undefined)) return;
      wasReady = lost === undefined;
      if (name === 'receiving') this.#mayBeat = false;
      if (wasReady) this.#hurry(connection);
      this.#reasons.delete(connection);
      for (const watcher of this.#watchers) watcher.changed(name, lost);
    };
    connection.on('ready', () => change(undefined));
    connection.on('close', () => {
      const gone = new Error(`the connection that ${nameOf(name)} is gone`);
      change(this.#reasons.get(connection) ?? gone);
    });
    connection.on('error', (error: Error) => {
      if (isAftermath(error)) return;
      this.#failed(connection, readable(error));
    });
    connection.on('end', () => {
      if (this.#closing !== undefined) return;
      this.#ended(name, `the connection that ${nameOf(name)} is gone, and gives up`);
    });
    // One that is lazy would wait for a command, and commands wait for it.
    if (connection.status === 'wait') connection.connect().catch(() => {});
  }

  /** The other one need not wait for its turn: Redis is back. */
  #hurry(connection: RedisConnection): void {
    const { subConn, pubConn } = this.#emitter;
    const other = connection === subConn ? pubConn : subConn;
    if (other.status !== 'reconnecting') return;
    // Its timer would make one more connection, perhaps after all are closed.
    clearTimeout(other.reconnectTimeout ?? undefined);
    other.connect().catch(() => {});
  }

  #failed(connection: RedisConnection, error: Error): void {
    this.#reasons.set(connection, error);
    for (const watcher of this.#watchers) watcher.failed(error);
  }

  #ended(connection: 'receiving' | 'sending', message: string): void {
    for (const watcher of this.#watchers) watcher.ended(connection, new Error(message));
  }

  #startHeartbeat(): Heartbeat {
    const { subConn, pubConn } = this.#emitter;
    return new Heartbeat({
      receiving: subConn,
      sending: pubConn,
      times: this.#times,
      mayBeat: () => this.#mayBeat,
      // As a message of mqemitter-redis: others may listen to all channels.
      beat: () => this.sender.send(this.#beatTopic, ''),
      onDead: (which, { message }) => {
        const name = nameOf(which === subConn ? 'receiving' : 'sending');
        this.#failed(which, new Error(`the connection that ${name} ${message}`));
      },
    });
  }

  #stopHeartbeat(): void {
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.#mayBeat = false;
    this.subscriber.leave([this.beatChannel]);
  }

  /** That of mqemitter-redis waits for Redis, however long it is away. */
  #guardClose(): void {
    const { subConn, pubConn } = this.#emitter;
    const emitter: { close: RedisEmitter['close']; closed?: boolean } = this.#emitter;
    emitter.close = (callback?: () => void) => {
      emitter.closed = true;
      this.#closing ??= closeConnections([subConn, pubConn]);
      this.#ended('receiving', 'the emitter is closed');
      this.#ended('sending', 'the emitter is closed');
      void this.#closing.then(() => callback?.());
    };
  }
}

function nameOf(connection: 'receiving' | 'sending'): string {
  return connection === 'receiving' ? 'receives' : 'sends';
}

async function closeConnections(connections: readonly RedisConnection[]): Promise<void> {
  const goodbyes = connections.filter(isReady).map((connection) => connection.quit());
  await within(QUIT_MS, Promise.allSettled(goodbyes));
  for (const connection of connections) {
    connection.disconnect();
    connection.stream?.destroy?.();
  }
}
