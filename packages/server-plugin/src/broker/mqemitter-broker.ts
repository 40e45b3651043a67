import type { MQEmitter } from 'mqemitter';
import { BrokerUnavailableError } from '../errors.ts';
import {
  type Broker,
  type BrokerHealth,
  type BrokerLog,
  type OnMessage,
  type OnOutage,
  type Published,
  TAKEN,
} from './broker.ts';
import { type Acknowledge, EmitterCall } from './emitter-call.ts';
import { watchEmitterErrors } from './emitter-errors.ts';
import { HealthMonitor } from './health-monitor.ts';
import { PROBE_TOPIC, type Topic } from './topic.ts';
import { Inbox, TopicListener } from './topic-listener.ts';
import { within } from './within.ts';

/** The part of an MQEmitter that is used; any implementation has it. */
export type Emitter = Pick<MQEmitter, 'on' | 'emit' | 'removeListener' | 'close'>;

/** What {@link MqemitterBroker} is made of. */
export interface MqemitterBrokerOptions {
  readonly emitter: Emitter;
  /** Whether `close()` closes the emitter too; one that the app gave is the app's to close. */
  readonly ownsEmitter: boolean;
  readonly log: BrokerLog;
  readonly onMessage: OnMessage;
  /** @default nobody is told */
  readonly onOutage?: OnOutage;
}

/**
 * A broker on any MQEmitter: in memory, on Redis, or whatever has its interface.
 *
 * A message is `{ topic, payload }`, with the text as its payload. Each joined topic has one
 * listener on the emitter, however many members the group has.
 */
export class MqemitterBroker implements Broker {
  readonly lingerMs: number = 0;
  readonly #emitter: Emitter;
  readonly #ownsEmitter: boolean;
  readonly #log: BrokerLog;
  readonly #inbox: Inbox;
  readonly #monitor: HealthMonitor;
  readonly #unwatch: () => void;
  readonly #listeners = new Map<Topic, TopicListener>();
  /** Joins and leaves that the emitter has not acknowledged. */
  readonly #moving = new Set<EmitterCall>();
  /** Publishes that the emitter has not acknowledged, with their deadlines, in their order. */
  readonly #publishing = new Map<EmitterCall, number>();
  /** Called when the last publish is acknowledged; given while closing. */
  #onFlushed: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #isProbing = false;

  constructor(options: MqemitterBrokerOptions) {
    this.#emitter = options.emitter;
    this.#ownsEmitter = options.ownsEmitter;
    this.#log = options.log;
    this.#inbox = new Inbox(options.log, options.onMessage);
    this.#monitor = new HealthMonitor(options.log);
    this.#monitor.onChange(({ status }) => {
      if (status === 'up') options.onOutage?.('ends');
    });
    this.#unwatch = watchEmitterErrors(options.emitter, (error) => this.#connectionFailed(error));
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

  publish(
    topic: Topic,
    text: string,
    deadline: number = Number.POSITIVE_INFINITY,
  ): Published | Promise<Published> {
    if (this.#publishing.size > 0) this.#forgetLate();
    if (this.#closing !== undefined) return Promise.reject(isClosed('broadcast'));
    const call = new EmitterCall((acknowledge) => {
      this.#emitter.emit({ topic, payload: text }, acknowledge);
    });
    if (!call.isAnswered) return this.#published(call, deadline);
    if (call.error !== undefined) return Promise.reject(this.#failure('broadcast', call.error));
    this.#monitor.succeeded();
    return TAKEN;
  }

  async #published(call: EmitterCall, deadline: number): Promise<Published> {
    this.#publishing.set(call, deadline);
    await call.answered();
    this.#publishing.delete(call);
    if (this.#publishing.size === 0) this.#onFlushed?.();
    if (call.error !== undefined) throw this.#failure('broadcast', call.error);
    this.#monitor.succeeded();
    return TAKEN;
  }

  /** An emitter that never acknowledges must not be remembered each of its publishes. */
  #forgetLate(): void {
    const now = performance.now();
    for (const [call, deadline] of this.#publishing) {
      if (deadline > now) return;
      this.#publishing.delete(call);
      call.acknowledge(new Error('it was not acknowledged in time'));
    }
  }

  async join(topic: Topic): Promise<void> {
    const present = this.#listeners.get(topic);
    if (present !== undefined && !present.isDeaf) return;
    const listener = new TopicListener(topic, this.#inbox);
    try {
      await this.#ask('join a group', (acknowledge) => {
        this.#listeners.set(topic, listener);
        this.#emitter.on(topic, listener.listen, acknowledge);
      });
      this.#monitor.succeeded();
    } catch (error) {
      listener.isDeaf = true;
      throw error;
    }
  }

  /** The emitter is the one that answers; until then it can't be asked to leave. */
  abandon(): void {}

  async leave(topic: Topic): Promise<void> {
    const listener = this.#listeners.get(topic);
    if (listener === undefined) return;
    listener.isDeaf = true;
    // Closing takes away all that are still listed; one that is forgotten here would stay for ever.
    if (this.#closing !== undefined) return;
    try {
      // That it works does not show that messages come: the health stays as it is.
      await this.#ask('leave a group', (acknowledge) => {
        this.#emitter.removeListener(topic, listener.listen, acknowledge);
      });
    } catch (error) {
      // A broker that is closed has left everything.
      if (this.#closing === undefined) throw error;
    } finally {
      this.#listeners.delete(topic);
    }
  }

  close(timeoutMs: number): Promise<void> {
    for (const listener of this.#listeners.values()) listener.isDeaf = true;
    // A tick later, so that `#closing` is set before anything is settled.
    this.#closing ??= Promise.resolve().then(() => this.#close(timeoutMs));
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const left = (): number => deadline - performance.now();
    for (const call of this.#moving) call.acknowledge(new Error('it was closed meanwhile'));
    const isFlushed = await within(left(), this.#flushed());
    for (const call of this.#publishing.keys()) {
      call.acknowledge(new Error('it was closed meanwhile'));
    }
    const isLetGo = await within(left(), this.#letGo());
    this.#listeners.clear();
    this.#monitor.closed();
    // An emitter of our own may still report errors while its connections end: that listener stays.
    if (!this.#ownsEmitter) this.#unwatch();
    if (!isFlushed || !isLetGo) this.#log.warn({ timeoutMs }, 'The broker did not close in time');
  }

  #flushed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#publishing.size === 0) resolve();
      else this.#onFlushed = resolve;
    });
  }

  /** Never rejects: there is nothing to be done about an emitter that can't even be closed. */
  async #letGo(): Promise<void> {
    const emitter = this.#emitter;
    try {
      if (this.#ownsEmitter) {
        await new Promise<void>((resolve) => emitter.close(resolve));
        return;
      }
      const removals = Array.from(
        this.#listeners,
        ([topic, { listen }]) =>
          new Promise<void>((resolve) => emitter.removeListener(topic, listen, resolve)),
      );
      await Promise.all(removals);
    } catch (error) {
      this.#log.warn({ err: error }, 'The emitter threw while the broker closed');
    }
  }

  /**
   * Has a topic joined or left, and waits for the emitter to call back.
   *
   * @param action - completes the sentence "Cannot …"
   */
  async #ask(action: string, move: (acknowledge: Acknowledge) => void): Promise<void> {
    if (this.#closing !== undefined) throw isClosed(action);
    const call = new EmitterCall(move);
    this.#moving.add(call);
    await call.answered();
    this.#moving.delete(call);
    if (call.error !== undefined) throw this.#failure(action, call.error);
  }

  #failure(action: string, cause: unknown): Error {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const error = new BrokerUnavailableError(action, `failed: ${detail}`, { cause });
    if (this.#closing === undefined) this.#monitor.failed(error);
    return error;
  }

  /**
   * Events may be lost until the emitter is connected again. Its answer to a join says so, also in
   * a process that asks nothing else of it.
   */
  #connectionFailed(error: Error): void {
    this.#monitor.failed(error);
    if (this.#isProbing || this.#closing !== undefined) return;
    this.#isProbing = true;
    void this.#probe().finally(() => {
      this.#isProbing = false;
    });
  }

  async #probe(): Promise<void> {
    // What fails shows in the health, and is followed by another error of the emitter.
    await this.join(PROBE_TOPIC).catch(() => {});
    await this.leave(PROBE_TOPIC).catch(() => {});
  }
}

function isClosed(action: string): Error {
  return new BrokerUnavailableError(action, 'is closed');
}
