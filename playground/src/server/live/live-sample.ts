import type { LoadState } from './load.ts';

/** How one process is doing: figures of a moment, and what happened since the sample before. */
export interface LiveSample {
  /** Its pid. */
  readonly process: number;
  /** Milliseconds since 1970, with fractions: when it was sent. */
  readonly sentAt: number;
  /** Milliseconds since the sample before. */
  readonly intervalMs: number;
  readonly connections: number;
  readonly operations: number;
  readonly groups: number;
  readonly cohorts: number;
  readonly members: number;
  readonly queued: number;
  /** Bytes that wait for clients. */
  readonly bytes: number;
  readonly pendingBroadcasts: number;
  readonly rates: LiveRates;
  readonly eventLoop: EventLoopFigures;
  readonly latency: LatencyFigures;
  readonly broker: { readonly status: string; readonly error: string | null };
  /** The synthetic load that this process sends, if it does. */
  readonly load: LoadState | null;
  /** Why the last load that this process has sent is over. */
  readonly lastLoadEnd: string | null;
}

/** What happened, per second. */
export interface LiveRates {
  readonly broadcasts: number;
  /** Broadcasts of all processes that arrived here. */
  readonly received: number;
  /** Results that were computed: one may be for many. */
  readonly computed: number;
  readonly deliveries: number;
  readonly bytes: number;
  readonly dropped: number;
  readonly lost: number;
}

/** How busy the event loop was. */
export interface EventLoopFigures {
  /** The part of the time in which it did something, 0 to 1. */
  readonly utilization: number;
  /** How much later than due timers fired: the median, the 99th percentile, the most. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** How long results took from their broadcast until they were given to a connection. */
export interface LatencyFigures {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The upper bounds of the buckets in milliseconds; the last bucket has none. */
  readonly bounds: readonly number[];
  /** How many results fell into each bucket. */
  readonly buckets: readonly number[];
}

/** Milliseconds since 1970 as all processes of a machine see them, with fractions. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
