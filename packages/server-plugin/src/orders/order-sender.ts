import { randomUUID } from 'node:crypto';
import type { Broker, BrokerLog } from '../broker/broker.ts';
import { DeadlineQueue } from '../broker/deadline-queue.ts';
import { encodeEnvelope } from '../broker/envelope.ts';
import { controlTopic, type Topic } from '../broker/topic.ts';
import { BroadcasterClosedError, BroadcastTimeoutError } from '../errors.ts';
import { encodeOrder, type Order } from './order.ts';

/** What {@link OrderSender} is made of. */
export interface OrderSenderOptions {
  readonly broker: Broker;
  readonly namespace: string;
  readonly log: BrokerLog;
  /** Milliseconds the broker has to take an order. The same as for events: they share its queue. */
  readonly timeoutMs: number;
}

/** Sends orders to the other processes. */
export class OrderSender {
  /** By this the process knows the orders that come back to it. */
  readonly origin: string = randomUUID();
  readonly #broker: Broker;
  readonly #topic: Topic;
  readonly #log: BrokerLog;
  /** How to reject each order that the broker has not taken yet. */
  readonly #pending: DeadlineQueue<(error: Error) => void>;
  #isClosed = false;

  constructor({ broker, namespace, log, timeoutMs }: OrderSenderOptions) {
    this.#broker = broker;
    this.#topic = controlTopic(namespace);
    this.#log = log;
    this.#pending = new DeadlineQueue(timeoutMs, (reject) => {
      reject(new BroadcastTimeoutError(timeoutMs));
    });
  }

  /** How many orders wait for the broker. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Sends an order, within the call. Never throws. The promise need not be awaited: each failure is
   * logged too, once.
   *
   * @returns resolves when the broker has taken it; rejects with a coded error:
   *   BrokerUnavailableError, BroadcastTimeoutError, BroadcasterClosedError
   */
  send(order: Order): Promise<void> {
    const sent = this.#send(order);
    sent.catch((error: unknown) => {
      this.#log.error({ err: error }, 'An order may not have reached the other processes');
    });
    return sent;
  }

  /** Refuses all further orders; those under way go on. */
  close(): void {
    this.#isClosed = true;
  }

  #send(order: Order): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw new BroadcasterClosedError();
      const text = encodeEnvelope(encodeOrder({ origin: this.origin, order }));
      const ticket = this.#pending.add(reject);
      Promise.resolve(this.#broker.publish(this.#topic, text, ticket.deadline))
        .finally(() => this.#pending.delete(ticket))
        .then(() => resolve(), reject);
    });
  }
}
