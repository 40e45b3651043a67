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
  /**
   * How many events wait to be heard in this process, when they are so many that it must send
   * nothing; else 0. @default always 0
   */
  readonly tooManyUnheard?: () => number;
  /** Called when the broker has taken an event. @default nobody is told */
  readonly onPublished?: () => void;
}

/** The defaults of {@link PublisherOptions}. */
export const publisherDefaults: { readonly timeoutMs: number; readonly pendingLimit: number } = {
  timeoutMs: 5_000,
  pendingLimit: 10_000,
};

/** Gives one event to the broker. */
type Handover = () => Published | Promise<Published>;

/** An event that was broadcast while another one was handed over. */
interface Waiting {
  readonly handover: Handover;
  readonly field: string;
  readonly group: string | undefined;
  readonly resolve: (published: Promise<Published>) => void;
}

/**
 * Sends events to groups, numbered and in the order of the calls, with a limit on how many and how
 * long they wait.
 */
export class Publisher {
  readonly #broker: Broker;
  readonly #namespace: string;
  readonly #log: BrokerLog;
  readonly #pendingLimit: number;
  readonly #tooManyUnheard: () => number;
  readonly #onPublished: (() => void) | undefined;
  /** How to reject each event that the broker was given and has not taken yet. */
  readonly #pending: DeadlineQueue<(error: Error) => void>;
  readonly #numbers = new EventNumbers();
  /** Events to be handed over after the present one. */
  readonly #waiting: Waiting[] = [];
  #isHandingOver = false;
  /**
   * The present one, those that wait for it, and what was taken since the first of them: receivers
   * that answer each event with another one meet the limit.
   */
  #atHand = 0;
  #isClosed = false;

  constructor(options: PublisherOptions) {
    const { timeoutMs, pendingLimit } = { ...publisherDefaults, ...options };
    this.#broker = options.broker;
    this.#namespace = options.namespace;
    this.#log = options.log;
    this.#pendingLimit = pendingLimit;
    this.#tooManyUnheard = options.tooManyUnheard ?? (() => 0);
    this.#onPublished = options.onPublished;
    this.#pending = new DeadlineQueue(timeoutMs, (reject) => {
      reject(new BroadcastTimeoutError(timeoutMs));
    });
  }

  /** How many events wait for the broker. */
  get pending(): number {
    return this.#pending.size + this.#atHand;
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
    let handover: Handover;
    try {
      handover = this.#accept(field, group, payload);
    } catch (error) {
      return this.#failed(error, field, group);
    }
    this.#atHand += 1;
    if (!this.#isHandingOver) return this.#handOverAll(handover, field, group);
    // A broker in memory delivers within the call. What a receiver broadcasts then would reach the
    // receivers after it before the event that set it off.
    return new Promise((resolve) => {
      this.#waiting.push({ handover, field, group, resolve });
    });
  }

  /** Refuses all further events; those under way go on. */
  close(): void {
    this.#isClosed = true;
  }

  /** Takes a number for an event. Nothing refuses it from then on: it must be handed over. */
  #accept(field: string, group: string | undefined, payload: unknown): Handover {
    if (this.#isClosed) throw new BroadcasterClosedError();
    if (this.pending >= this.#pendingLimit) {
      throw new TooManyBroadcastsError(this.#pendingLimit, 'for the broker');
    }
    const unheard = this.#tooManyUnheard();
    if (unheard > 0) throw new TooManyBroadcastsError(unheard, 'to be heard in this process');
    const topic =
      group === undefined
        ? fieldTopic(this.#namespace, field)
        : groupTopic(this.#namespace, field, group);
    const encoded = encodePayload(payload);
    const text = encodeEnvelope(encoded, this.#numbers.next(topic));
    return () => this.#broker.publish(topic, text, this.#pending.nextDeadline());
  }

  #handOverAll(first: Handover, field: string, group: string | undefined): Promise<Published> {
    this.#isHandingOver = true;
    const published = this.#handOver(first, field, group);
    if (this.#waiting.length > 0) this.#handOverWaiting();
    this.#isHandingOver = false;
    this.#atHand = 0;
    return published;
  }

  #handOverWaiting(): void {
    // Also visits what is added meanwhile.
    for (const { handover, field, group, resolve } of this.#waiting) {
      resolve(this.#handOver(handover, field, group));
    }
    this.#waiting.length = 0;
  }

  #handOver(handover: Handover, field: string, group: string | undefined): Promise<Published> {
    try {
      const answer = handover();
      if (answer instanceof Promise) return this.#answered(answer, field, group);
      this.#onPublished?.();
      return Promise.resolve(answer);
    } catch (error) {
      return this.#failed(error, field, group);
    }
  }

  /** Waits for what the broker will say, until the time of the event is over. */
  #answered(
    answer: Promise<Published>,
    field: string,
    group: string | undefined,
  ): Promise<Published> {
    this.#atHand -= 1;
    const published = new Promise<Published>((resolve, reject) => {
      const ticket = this.#pending.add(reject);
      answer.then(
        (known) => {
          if (this.#pending.delete(ticket)) this.#onPublished?.();
          resolve(known);
        },
        (error: unknown) => {
          this.#pending.delete(ticket);
          reject(error);
        },
      );
    });
    published.catch((error: unknown) => this.#logFailure(error, field, group));
    return published;
  }

  /** A rejection that is logged, and handled, should nobody wait for it. */
  #failed(error: unknown, field: string, group: string | undefined): Promise<never> {
    this.#logFailure(error, field, group);
    const rejection = Promise.reject(error);
    rejection.catch(() => undefined);
    return rejection;
  }

  #logFailure(error: unknown, field: string, group: string | undefined): void {
    this.#log.error({ err: error, field, group: group?.slice(0, 100) }, 'A broadcast failed');
  }
}
