import { AssertionError } from 'node:assert/strict';
import type { Broker, BrokerLog, Published } from '../broker/broker.ts';
import { createBroker } from '../broker/create-broker.ts';
import type { Emitter } from '../broker/mqemitter-broker.ts';
import type { Topic } from '../broker/topic.ts';
import { within } from '../broker/within.ts';

/** A message as a process received it. */
export type Received = readonly [topic: Topic, text: string];

/** A process on an emitter: a broker, what it received, and waits that end. */
export class ContractProcess {
  readonly broker: Broker;
  readonly received: Received[] = [];
  /** The messages that it has logged at level error. */
  readonly errors: string[] = [];
  /** Called with each message, once it is among the received; may throw. */
  onText: (text: string) => void = () => {};
  readonly #timeoutMs: number;
  #waiter: { readonly count: number; readonly resolve: () => void } | undefined;

  /** @param timeoutMs - of each wait */
  constructor(emitter: Emitter, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    const log: BrokerLog = {
      error: (_details, message) => void this.errors.push(message),
      warn: () => {},
      debug: () => {},
    };
    this.broker = createBroker({
      emitter,
      ownsEmitter: false,
      log,
      onMessage: (topic, text) => {
        this.received.push([topic, text]);
        this.#check();
        this.onText(text);
      },
    });
  }

  get texts(): string[] {
    return this.received.map(([, text]) => text);
  }

  /** Joins topics, all at once. */
  async join(...topics: readonly Topic[]): Promise<void> {
    const joins = topics.map((topic) => this.broker.join(topic));
    await this.#inTime(Promise.all(joins), () => 'a join was not acknowledged');
  }

  /** Leaves topics, all at once. */
  async leave(...topics: readonly Topic[]): Promise<void> {
    const leaves = topics.map((topic) => this.broker.leave(topic));
    await this.#inTime(Promise.all(leaves), () => 'a leave was not acknowledged');
  }

  publish(topic: Topic, text: string): Promise<Published> {
    return this.#inTime(
      Promise.resolve(this.broker.publish(topic, text)),
      () => `the publish of "${text.slice(0, 20)}" was not acknowledged`,
    );
  }

  /** Resolves when that many messages have arrived in all. */
  async receives(count: number): Promise<void> {
    const received = new Promise<void>((resolve) => {
      this.#waiter = { count, resolve };
      this.#check();
    });
    await this.#inTime(received, () => `${this.received.length} of ${count} messages have arrived`);
  }

  #check(): void {
    if (this.#waiter === undefined || this.received.length < this.#waiter.count) return;
    this.#waiter.resolve();
    this.#waiter = undefined;
  }

  #inTime<T>(work: Promise<T>, otherwise: () => string): Promise<T> {
    return inTime(this.#timeoutMs, work, otherwise);
  }
}

/**
 * Waits for work, but no longer than a time.
 *
 * @param otherwise - what is the matter when it is over
 * @throws AssertionError when it is over; else as the work does
 */
export async function inTime<T>(
  timeoutMs: number,
  work: Promise<T>,
  otherwise: () => string,
): Promise<T> {
  if (await within(timeoutMs, work)) return work;
  throw new AssertionError({ message: `After ${timeoutMs} ms ${otherwise()}` });
}
