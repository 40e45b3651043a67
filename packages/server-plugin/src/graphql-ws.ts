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
  /** Notifications that wait for slow subscribers. */
  readonly queued: number;
  /** Notifications that were dropped because too many waited, since the start. */
  readonly dropped: number;
  /** Notifications that were withheld because `filter` failed, since the start. */
  readonly filterErrors: number;
  /** Bytes that wait for clients. */
  readonly bytes: number;
  /** Broadcasts that the broker has not taken yet. */
  readonly pendingBroadcasts: number;
  /** Listeners on the emitter: one for each group. */
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
   * Ends subscriptions: their clients get `complete`, their `unsubscribed` is told `server`.
   *
   * It reaches those too whose `subscribe` is pending now. They hear nothing more from the call on.
   *
   * @param subscription - what `defineSubscription` returned, or the name of its field
   * @returns resolves when those that were live here have ended, which takes several turns of the
   *   event loop when they are very many
   * @throws never synchronously; rejects as `broadcast` does
   */
  unsubscribe(subscription: SubscriptionReference, options?: UnsubscribeOptions): Promise<void>;
  /**
   * Closes connections by their tag, those too whose `onConnect` is pending and gives it to them.
   *
   * @throws never synchronously; rejects for a tag that is no string and a code that may not be sent
   */
  disconnect(options: DisconnectOptions): Promise<void>;
  /** Says field by field whether subscribers of a document share results, and why not. */
  explainSharing(
    document: string,
    options?: { readonly operationName?: string },
  ): SharingExplanation;
  stats(): Stats;
  /**
   * Resolves when nothing is on its way in this process: no broadcast, no operation that is being
   * prepared, executed or activated, no notification, no frame that was not handed to its socket.
   * For tests.
   */
  settled(): Promise<void>;
  /** Calls back on each change of the broker's health; the result stops that. */
  on(event: 'health', listener: (health: BrokerHealth) => void): () => void;
}
