import type { Broker, BrokerLog } from '../broker/broker.ts';
import { BurstLog } from '../broker/burst-log.ts';
import { decodeEnvelope } from '../broker/envelope.ts';
import { controlTopic, type Topic } from '../broker/topic.ts';
import { decodeOrder, type GivenOrder, type Order } from './order.ts';

/** What {@link OrderListener} is made of. */
export interface OrderListenerOptions {
  readonly broker: Broker;
  readonly namespace: string;
  readonly log: BrokerLog;
  /** The origin of the orders that were given here, and carried out by then. */
  readonly ownOrigin: string;
  /** Whether subscriptions of this field are served. */
  readonly hasField: (field: string) => boolean;
  /** Gets each order of another process. */
  readonly onOrder: (order: Order) => void;
}

/** Listens to the orders of other processes. */
export class OrderListener {
  /** Where orders arrive: {@link receive} takes what the broker hands out for it. */
  readonly topic: Topic;
  readonly #options: OrderListenerOptions;
  readonly #unreadable: BurstLog;
  #state: 'out' | 'joining' | 'joined' = 'out';
  /** Whether the broker came up since the last attempt to join began. */
  #cameUp = false;
  #hasWarned = false;
  #isStopped = false;

  constructor(options: OrderListenerOptions) {
    this.#options = options;
    this.topic = controlTopic(options.namespace);
    this.#unreadable = new BurstLog(options.log, 'Unreadable orders were dropped');
  }

  /** How many of the broker's listeners are here. */
  get listenerCount(): number {
    return this.#state === 'out' ? 0 : 1;
  }

  /**
   * Joins the topic, now or, should that fail, whenever the broker comes up. Until then the orders
   * of others are missed.
   *
   * Nobody waits for it: an app must start though its broker is down.
   */
  start(): void {
    this.#options.broker.onHealth(({ status }) => {
      if (status === 'up') this.#brokerCameUp();
    });
    void this.#join();
  }

  /** Joins no more. The broker, when it is closed, leaves the topic. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Takes a message on the topic, from whomever it is. What is no order is dropped, and logged in
   * one line per second at most; what was ordered here is dropped too.
   */
  receive(text: string): void {
    const given = this.#read(text);
    if (given === undefined || given.origin === this.#options.ownOrigin) return;
    this.#options.onOrder(given.order);
  }

  #read(text: string): GivenOrder | undefined {
    try {
      return decodeOrder(decodeEnvelope(text).payload, this.#options.hasField);
    } catch (error) {
      this.#unreadable.warn({ err: error, topic: this.topic });
      return undefined;
    }
  }

  #brokerCameUp(): void {
    this.#cameUp = true;
    if (this.#state !== 'out') return;
    this.#state = 'joining';
    // Later, as a join that fails at once changes the health that others are being told.
    queueMicrotask(() => void this.#join());
  }

  async #join(): Promise<void> {
    this.#state = 'joining';
    do {
      this.#cameUp = false;
      if (await this.#tryToJoin()) {
        this.#state = 'joined';
        return;
      }
    } while (this.#cameUp && !this.#isStopped);
    this.#state = 'out';
  }

  async #tryToJoin(): Promise<boolean> {
    const { broker, log } = this.#options;
    try {
      await broker.join(this.topic);
    } catch (error) {
      if (!this.#isStopped && !this.#hasWarned) {
        this.#hasWarned = true;
        log.warn({ err: error }, 'Orders of other processes are missed until the broker is up');
      }
      // What fails here shows in the health.
      await broker.leave(this.topic).catch(() => {});
      return false;
    }
    if (this.#hasWarned) log.warn({}, 'Orders of other processes arrive');
    return true;
  }
}
