import { BrokerUnavailableError } from '../errors.ts';
import {
  type BrokerHealth,
  type BrokerLog,
  type LocalBroker,
  type OnMessage,
  type Published,
  TAKEN,
} from './broker.ts';
import type { BroadcastEvent } from './event.ts';
import { HealthMonitor } from './health-monitor.ts';
import type { Topic } from './topic.ts';

/** What {@link MemoryBroker} is made of. */
export interface MemoryBrokerOptions {
  readonly log: BrokerLog;
  readonly onMessage: OnMessage;
  /** Where events go that were handed over as they are; as {@link OnMessage}. */
  readonly onEvent: (event: BroadcastEvent) => void;
}

/**
 * A broker for one process: what is published on a joined topic comes in within the call.
 *
 * What it is asked for it has done at once, until it is closed.
 */
export class MemoryBroker implements LocalBroker {
  readonly lingerMs: number = 0;
  readonly #log: BrokerLog;
  readonly #onMessage: OnMessage;
  readonly #onEvent: (event: BroadcastEvent) => void;
  readonly #monitor: HealthMonitor;
  readonly #joined = new Set<Topic>();
  #closing: Promise<void> | undefined;

  constructor(options: MemoryBrokerOptions) {
    this.#log = options.log;
    this.#onMessage = options.onMessage;
    this.#onEvent = options.onEvent;
    this.#monitor = new HealthMonitor(options.log);
  }

  get health(): BrokerHealth {
    return this.#monitor.health;
  }

  get listenerCount(): number {
    return this.#joined.size;
  }

  onHealth(listener: (health: BrokerHealth) => void): () => void {
    return this.#monitor.onChange(listener);
  }

  publish(topic: Topic, text: string): Published | Promise<Published> {
    if (this.#closing !== undefined) return refused('broadcast');
    if (!this.#joined.has(topic)) return TAKEN;
    try {
      this.#onMessage(topic, text);
    } catch (error) {
      this.#couldNotHandle(topic, error);
    }
    return TAKEN;
  }

  deliver(event: BroadcastEvent): Published | Promise<Published> {
    if (this.#closing !== undefined) return refused('broadcast');
    if (!this.#joined.has(event.topic)) return TAKEN;
    try {
      this.#onEvent(event);
    } catch (error) {
      this.#couldNotHandle(event.topic, error);
    }
    return TAKEN;
  }

  async join(topic: Topic): Promise<void> {
    if (this.#closing !== undefined) return refused('join a group');
    this.#joined.add(topic);
  }

  /** No join is ever under way. */
  abandon(): void {}

  async leave(topic: Topic): Promise<void> {
    this.#joined.delete(topic);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.resolve().then(() => {
      this.#joined.clear();
      this.#monitor.closed();
    });
    return this.#closing;
  }

  #couldNotHandle(topic: Topic, error: unknown): void {
    this.#log.error({ err: error, topic }, 'A message of the broker could not be handled');
  }
}

function refused(action: string): Promise<never> {
  return Promise.reject(new BrokerUnavailableError(action, 'is closed'));
}
