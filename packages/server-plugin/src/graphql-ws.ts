import type { SubscriptionReference } from './broadcast.ts';
import type { BrokerHealth } from './broker/broker.ts';
import type { SharingExplanation } from './delivery/explain-sharing.ts';

/** Which subscriptions `unsubscribe` ends. */
export interface UnsubscribeOptions {
  /** Those in this group. Only an absent key means all of the field. */
  readonly group?: string;
}

/** Which connections `disconnect` closes, and how. */
export interface DisconnectOptions {
  /** Those to which `onConnect` gave this tag. */
  readonly tag: string;
  /** 1000, or 3000 to 4999. @default 4403 */
  readonly code?: number;
  /** Cut to 123 bytes of UTF-8. @default 'Forbidden' */
  readonly reason?: string;
}

/** Figures of this process. All are of this moment but those that say otherwise. */
export interface Stats {
  readonly connections: number;
  /** Operations that run: queries, mutations and subscriptions. */
  readonly operations: number;
  /** Groups that have members, those of "all subscribers of a field" included. */
  readonly groups: number;
  /** Sets of subscribers of one group that may share one result. */
  readonly cohorts: number;
  /** Places in groups; a subscriber in two groups counts twice. */
  readonly members: number;
  /** Broadcasts of this process that the broker has taken, since the start. */
  readonly published: number;
  /** Broadcasts of all processes that arrived for groups with members here, since the start. */
  readonly received: number;
  /** Runs of a subscription's document on a payload, since the start: one for all who share it. */
  readonly computed: number;
  /** Results of broadcasts that were sent to subscribers, since the start; `initial` is not counted. */
  readonly delivered: number;
  /** Notifications that wait: for slow subscribers, or for their turn in a large fan-out. */
  readonly queued: number;
  /** Notifications that were dropped because too many waited, since the start. */
  readonly dropped: number;
  /**
   * Events that are known to be lost on their way to this process, since the start; each counts
   * once, however many would have heard it.
   */
  readonly lost: number;
  /** Events that came twice or late and were dropped, since the start. */
  readonly duplicates: number;
  /** Notifications that were withheld because `filter` failed, since the start. */
  readonly filterErrors: number;
  /** Bytes that wait for clients. */
  readonly bytes: number;
  /** Bytes of all frames that were handed to sockets, since the start; each head is taken as 10. */
  readonly bytesSent: number;
  /** Broadcasts that the broker has not taken yet. */
  readonly pendingBroadcasts: number;
  /** Listeners on the emitter: one for each group; that for orders of other processes is not counted. */
  readonly emitterListeners: number;
  /** Timers that run. */
  readonly timers: number;
  /** Parsed documents that are kept. */
  readonly documents: number;
}

/** What the plugin adds to the Fastify instance beside `broadcast`. */
export interface GraphqlWs {
  /** Where clients connect. */
  readonly path: string;
  /** Whether the broker works. */
  readonly health: BrokerHealth;
  /**
   * Ends subscriptions in every process: their clients get `complete`, their `unsubscribed` is told
   * `server`.
   *
   * It reaches those too whose `subscribe` is pending when the order arrives. In this process that
   * is at once: they hear nothing more from the call on, and end also when the broker does not take
   * the order for the others. It is sent once: a process that has lost the broker misses it.
   *
   * A forgotten promise ends no process; each failure is logged.
   *
   * @param subscription - what `defineSubscription` returned, or the name of its field
   * @returns resolves when those that were live here have ended, which takes several turns of the
   *   event loop when they are very many, and when the broker has taken the order for the others
   * @throws never synchronously; rejects as `broadcast` does
   */
  unsubscribe(subscription: SubscriptionReference, options?: UnsubscribeOptions): Promise<void>;
  /**
   * Closes connections by their tag in every process, those too whose `onConnect` is pending when
   * the order arrives and gives them the tag.
   *
   * In this process they are closed at once, also when the broker does not take the order for the
   * others; a process that has lost the broker misses the order. A forgotten promise ends no process;
   * each failure is logged.
   *
   * @returns resolves when the broker has taken the order for the other processes
   * @throws never synchronously; rejects for a tag that is no string, a code that may not be sent,
   *   and when the broker does not take the order, as `broadcast` does
   */
  disconnect(options: DisconnectOptions): Promise<void>;
  /** Says field by field whether subscribers of a document share results, and why not. */
  explainSharing(
    document: string,
    options?: { readonly operationName?: string },
  ): SharingExplanation;
  stats(): Stats;
  /**
   * Resolves when nothing is on its way in this process: no broadcast, no order, no operation that is
   * being prepared, executed or activated, no notification, no frame that was not handed to its socket.
   * For tests.
   */
  settled(): Promise<void>;
  /** Calls back on each change of the broker's health; the result stops that. */
  on(event: 'health', listener: (health: BrokerHealth) => void): () => void;
}
