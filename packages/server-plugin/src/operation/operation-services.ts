import type { Delivery } from '../delivery/delivery.ts';
import type { Groups } from '../groups/groups.ts';
import type { FanOuts } from './fan-outs.ts';
import type { GapListeners } from './gap-listeners.ts';
import type { GroupSubscription } from './group-subscription.ts';
import type { PendingSubscriptions } from './pending-subscriptions.ts';
import type { Preparation } from './prepare.ts';
import type { Scheduler } from './scheduler.ts';

/** The settings of operations, all of them given. */
export interface OperationSettings {
  readonly namespace: string;
  readonly confirmSubscriptions: boolean;
  readonly strictOrdering: boolean;
  readonly warnOperationMs: number;
  readonly operationsPerConnection: number;
  readonly queueLimit: number;
}

/** What is counted while operations run; the stats read it. */
export interface OperationCounters {
  operations: number;
  /** Operations that are being prepared, executed or activated. */
  underWay: number;
  /** Subscriptions that have notifications waiting or in flight. */
  busySubscriptions: number;
  queued: number;
  dropped: number;
  published: number;
  received: number;
  delivered: number;
}

/** All that operations share: one per registered plugin. */
export interface OperationServices {
  readonly settings: OperationSettings;
  readonly preparation: Preparation;
  readonly delivery: Delivery;
  readonly groups: Groups<GroupSubscription>;
  readonly pending: PendingSubscriptions;
  readonly gapListeners: GapListeners;
  readonly scheduler: Scheduler;
  readonly fanOuts: FanOuts<GroupSubscription>;
  readonly counters: OperationCounters;
  /** Turns true when the server shuts down; new operations are refused from then on. */
  isDraining: boolean;
}
