import { BrokerUnavailableError } from '../../errors.ts';
import type { Broker, BrokerHealth, BrokerLog, Published } from '../broker.ts';
import { BurstLog } from '../burst-log.ts';
import type { BrokerOptions } from '../create-broker.ts';
import { HealthMonitor } from '../health-monitor.ts';
import type { Topic } from '../topic.ts';
import { Inbox, TopicListener } from '../topic-listener.ts';
import { within } from '../within.ts';
import { Memberships } from './memberships.ts';
import { Outgoing } from './outgoing.ts';
import { channelOf, type RedisEmitter, readable } from './redis-emitter.ts';
import { RedisLink } from './redis-link.ts';

/** What {@link RedisBroker} is made of. */
export interface RedisBrokerOptions extends Omit<BrokerOptions, 'emitter' | 'ownsEmitter'> {
  readonly emitter: RedisEmitter;
}

/**
 * Milliseconds that messages wait, when the connection that sends is back, for that which receives:
 * they would be taken, and heard by nobody here.
 */
const HOLD_MS = 1_000;

/** Milliseconds for clients that come back: a page that is loaded again, a short loss of the network. */
const LINGER_MS = 3_000;

/**
 * A broker on mqemitter-redis, whose connections it watches.
 *
 * While Redis is away joins wait, and so do messages until their deadline. When the connection that
 * receives is back, all topics are joined again before anybody is told that the outage is over.
 */
export class RedisBroker implements Broker {
  readonly lingerMs: number = LINGER_MS;
  readonly #emitter: RedisEmitter;
  readonly #log: BrokerLog;
  readonly #inbox: Inbox;
  readonly #link: RedisLink;
  readonly #monitor: HealthMonitor;
  readonly #outgoing: Outgoing<number | undefined>;
  readonly #memberships: Memberships;
  readonly #unwatch: () => void;
  readonly #listeners = new Map<Topic, TopicListener>();
  /** Runs while messages are held. */
  #hold: NodeJS.Timeout | undefined;
  #isStarting = true;
  #closing: Promise<void> | undefined;

  constructor(options: RedisBrokerOptions) {
    const { emitter, log, onMessage, onOutage } = options;
    this.#emitter = emitter;
    this.#log = log;
    this.#inbox = new Inbox(log, onMessage);
    this.#monitor = new HealthMonitor(log, 'down');
    const link = RedisLink.of(emitter);
    this.#link = link;
    this.#outgoing = new Outgoing(() => link.isSending && this.#hold === undefined);
    this.#memberships = new Memberships({
      link,
      log,
      onOutage: (phase) => onOutage?.(phase),
      changed: (error) => {
        if (this.#memberships.isReceiving) this.#stopHolding();
        this.#assess(error);
      },
    });
    this.#unwatch = this.#watch();
    if (link.isReceiving) this.#memberships.connected();
    this.#assess();
  }

  get health(): BrokerHealth {
    return this.#monitor.health;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  onHealth(listener: (health: BrokerHealth) => void): () => void {
    return this.#monitor.onChange(listener);
  }

  async publish(
    topic: Topic,
    text: string,
    deadline: number = Number.POSITIVE_INFINITY,
  ): Promise<Published> {
    this.#checkOpen('broadcast', 'sending');
    try {
      const processes = await this.#outgoing.add(
        () => this.#link.sender.send(topic, text),
        deadline,
      );
      return processes === undefined ? {} : { processes };
    } catch (error) {
      throw unavailable('broadcast', error);
    }
  }

  async join(topic: Topic): Promise<void> {
    this.#checkOpen('join a group', 'receiving');
    const present = this.#listeners.get(topic);
    if (present !== undefined && !present.isDeaf) return;
    const listener = new TopicListener(topic, this.#inbox);
    this.#listeners.set(topic, listener);
    this.#link.subscriber.quietly(() => this.#emitter.on(topic, listener.listen));
    try {
      await this.#memberships.join(this.#channelOf(topic));
    } catch (error) {
      listener.isDeaf = true;
      throw unavailable('join a group', error);
    }
  }

  abandon(topic: Topic): void {
    if (!this.#link.isReceiving) this.#memberships.abandon(this.#channelOf(topic));
  }

  /** May be called during a join, which then rejects. */
  async leave(topic: Topic): Promise<void> {
    const listener = this.#listeners.get(topic);
    if (listener === undefined) return;
    this.#listeners.delete(topic);
    this.#leave([[topic, listener]]);
    this.#memberships.leave(this.#channelOf(topic));
  }

  close(timeoutMs: number): Promise<void> {
    for (const listener of this.#listeners.values()) listener.isDeaf = true;
    // A tick later, so that `#closing` is set before anything is settled.
    this.#closing ??= Promise.resolve().then(() => this.#close(timeoutMs));
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    const closed = new Error('it was closed meanwhile');
    this.#memberships.close(closed);
    this.#stopHolding();
    if (!this.#link.isSending) this.#outgoing.clear(closed);
    const isFlushed = await within(timeoutMs, this.#outgoing.idle());
    if (!isFlushed) this.#log.warn({ timeoutMs }, 'The broker did not close in time');
    this.#outgoing.clear(closed);
    this.#leave(this.#listeners);
    this.#listeners.clear();
    this.#unwatch();
    this.#monitor.closed();
  }

  /** In as few commands as possible. */
  #leave(listeners: Iterable<readonly [Topic, TopicListener]>): void {
    const { subscriber } = this.#link;
    const left = subscriber.quietly(() => {
      for (const [topic, listener] of listeners) {
        listener.isDeaf = true;
        this.#emitter.removeListener(topic, listener.listen);
      }
    });
    subscriber.leave(left);
  }

  #watch(): () => void {
    const unreadable = new BurstLog(
      this.#log,
      'Unreadable messages on channels of ours were dropped',
    );
    return this.#link.watch({
      changed: (connection, lost) => {
        if (connection === 'sending') this.#sendingChanged();
        else if (lost === undefined) this.#memberships.connected();
        else this.#memberships.disconnected();
        this.#assess(lost);
      },
      failed: (error) => this.#assess(error),
      ended: (connection, error) => {
        if (connection === 'sending') this.#outgoing.clear(error);
        else this.#memberships.ended(error);
        this.#assess(error);
      },
      unreadable: (channel, error) => unreadable.warn({ err: error, channel }),
    });
  }

  #sendingChanged(): void {
    if (!this.#link.isSending || this.#memberships.isReceiving) return this.#stopHolding();
    this.#hold ??= setTimeout(() => this.#stopHolding(), HOLD_MS).unref();
  }

  #stopHolding(): void {
    clearTimeout(this.#hold);
    this.#hold = undefined;
    this.#outgoing.flush();
  }

  #assess(error?: Error): void {
    if (this.#closing !== undefined) return;
    const { isSending } = this.#link;
    const { areComplete, isReceiving } = this.#memberships;
    const isUp = areComplete && isSending;
    // It begins with neither; nothing is wrong as long as nothing fails.
    if (this.#isStarting && !isUp && error === undefined) return;
    this.#isStarting = false;
    if (isUp) this.#monitor.report('up', error);
    else if (isReceiving || isSending) this.#monitor.report('degraded', error);
    else this.#monitor.report('down', error);
  }

  #checkOpen(action: string, connection: 'sending' | 'receiving'): void {
    if (this.#closing !== undefined) throw new BrokerUnavailableError(action, 'is closed');
    if (this.#link.hasEnded(connection))
      throw new BrokerUnavailableError(action, 'has lost Redis for good');
  }

  #channelOf(topic: Topic): string {
    return channelOf(this.#emitter, topic);
  }
}

function unavailable(action: string, error: unknown): Error {
  const cause = readable(error);
  return new BrokerUnavailableError(action, `failed: ${cause.message}`, { cause });
}
