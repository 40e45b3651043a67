import {
  BroadcasterClosedError,
  BroadcastTimeoutError,
  TooManyBroadcastsError,
} from '../errors.ts';
import type { Broker, BrokerLog, Published } from './broker.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { encodePayload } from './encode-payload.ts';
import { encodeEnvelope } from './envelope.ts';
import { EventNumbers } from './event-numbers.ts';
import { fieldTopic, groupTopic } from './topic.ts';

/** What {@link Publisher} is made of. */
export interface PublisherOptions {
  readonly broker: Broker;
  readonly namespace: string;
  readonly log: BrokerLog;
  /** Milliseconds the broker has to take an event. @default 5_000 */
  readonly timeoutMs?: number;
  /** How many events may wait for the broker. @default 10_000 */
  readonly pendingLimit?: number;
}

/** The defaults of {@link PublisherOptions}. */
export const publisherDefaults: { readonly timeoutMs: number; readonly pendingLimit: number } = {
  timeoutMs: 5_000,
  pendingLimit: 10_000,
};

/**
 * Sends events to groups, numbered and in the order of the calls, with a limit on how many and how
 * long they wait.
 */
export class Publisher {
  readonly #broker: Broker;
  readonly #namespace: string;
  readonly #log: BrokerLog;
  readonly #pendingLimit: number;
  /** How to reject each event that the broker has not taken yet. */
  readonly #pending: DeadlineQueue<(error: Error) => void>;
  readonly #numbers = new EventNumbers();
  /** Events to be handed to the broker; the first is being handed over now. */
  readonly #handovers: (() => void)[] = [];
  #isClosed = false;

  constructor(options: PublisherOptions) {
    const { timeoutMs, pendingLimit } = { ...publisherDefaults, ...options };
    this.#broker = options.broker;
    this.#namespace = options.namespace;
    this.#log = options.log;
    this.#pendingLimit = pendingLimit;
    this.#pending = new DeadlineQueue(timeoutMs, (reject) => {
      reject(new BroadcastTimeoutError(timeoutMs));
    });
  }

  /** How many events wait for the broker. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Sends an event. The payload is encoded within the call: later changes of the object don't
   * matter. It is handed to the broker in the order of the calls, within this one or, when called
   * while the broker delivers another one of this publisher, right after that.
   *
   * Never throws. The promise need not be awaited: each failure is logged too, once.
   *
   * @param group - `undefined` for all subscribers of the field
   * @returns resolves when the broker has taken the event; rejects with a coded error:
   *   PayloadInvalidError, BrokerUnavailableError, BroadcastTimeoutError, TooManyBroadcastsError,
   *   BroadcasterClosedError
   */
  publish(field: string, group: string | undefined, payload: unknown): Promise<Published> {
    const published = this.#publish(field, group, payload);
    published.catch((error: unknown) => {
      this.#log.error({ err: error, field, group: group?.slice(0, 100) }, 'A broadcast failed');
    });
    return published;
  }

  /** Refuses all further events; those under way go on. */
  close(): void {
    this.#isClosed = true;
  }

  #publish(field: string, group: string | undefined, payload: unknown): Promise<Published> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw new BroadcasterClosedError();
      if (this.pending >= this.#pendingLimit) throw new TooManyBroadcastsError(this.#pendingLimit);
      const encoded = encodePayload(payload);
      const topic =
        group === undefined
          ? fieldTopic(this.#namespace, field)
          : groupTopic(this.#namespace, field, group);
      // Nothing refuses it any more: a number that is taken must be sent.
      const text = encodeEnvelope(encoded, this.#numbers.next(topic));
      // Counted before it is sent: what it sets off may broadcast in turn.
      const ticket = this.#pending.add(reject);
      this.#handOver(() => {
        this.#broker
          .publish(topic, text, ticket.deadline)
          .finally(() => this.#pending.delete(ticket))
          .then(resolve, reject);
      });
    });
  }

  /**
   * One at a time: a broker in memory delivers within the call. What a receiver broadcasts then
   * would reach the receivers after it before the event that set it off.
   */
  #handOver(handover: () => void): void {
    if (this.#handovers.push(handover) > 1) return;
    // Also visits what is added meanwhile.
    for (const each of this.#handovers) each();
    this.#handovers.length = 0;
  }
}
