import type { LatencyFigures } from './live-sample.ts';
import { quantile } from './quantile.ts';

/** The upper bounds of the buckets, in milliseconds. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000,
];

/** Latencies of many results in a few numbers. */
export class LatencyHistogram {
  #buckets = emptyBuckets();

  /** @param count - how many results had this latency */
  record(ms: number, count: number): void {
    const index = LATENCY_BOUNDS_MS.findIndex((bound) => ms <= bound);
    const bucket = index < 0 ? LATENCY_BOUNDS_MS.length : index;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + count;
  }

  /** The figures since the last call, or since the start. */
  take(): LatencyFigures {
    const buckets = this.#buckets;
    this.#buckets = emptyBuckets();
    return {
      count: buckets.reduce((total, each) => total + each, 0),
      p50Ms: quantile(LATENCY_BOUNDS_MS, buckets, 0.5),
      p99Ms: quantile(LATENCY_BOUNDS_MS, buckets, 0.99),
      bounds: LATENCY_BOUNDS_MS,
      buckets,
    };
  }
}

function emptyBuckets(): number[] {
  return Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0);
}
