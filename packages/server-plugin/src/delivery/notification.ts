import type { GroupSource } from '../subscription/group-source.ts';
import type { Plan } from './plan.ts';

/** The JSON text of a result; undefined when nothing is to be sent. */
export type Rendered = string | undefined;

/** What delivery needs to know of one subscriber. */
export interface Subscriber {
  readonly source: GroupSource;
  readonly plan: Plan;
  /** Whether the subscription has ended: asked after each wait. */
  readonly isEnded: boolean;
  /** Fires when the subscription ends. */
  readonly signal: AbortSignal;
  /** Runs in the asynchronous context of the subscriber's `subscribe`. */
  runInContext<R>(fn: () => R): R;
}

/** An event, as far as delivery is concerned. */
export interface Event {
  /** The payload: frozen, or a copy for each call. */
  payload(): unknown;
}

/** One event on its way to the subscribers of one cohort. */
export interface Notification {
  /**
   * Computes what a subscriber gets: its filter first, then the result, shared where it may be.
   *
   * Called once for each subscriber, when its turn has come. Never throws or rejects; synchronous
   * when all functions of the app are.
   */
  resultFor(subscriber: Subscriber): Rendered | Promise<Rendered>;
  /** Tells that a subscriber who waits for its result has ended. */
  release(subscriber: Subscriber): void;
}
