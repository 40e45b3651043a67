import { quantile } from '../../src/server/live/quantile.ts';
import type { Sample } from './documents.ts';

/** All processes together at one moment. */
export interface Frame {
  /** Seconds since 1970. */
  readonly at: number;
  readonly connections: number;
  readonly operations: number;
  readonly groups: number;
  readonly cohorts: number;
  readonly members: number;
  readonly queued: number;
  readonly bytes: number;
  /** Per second. */
  readonly broadcasts: number;
  readonly computed: number;
  readonly deliveries: number;
  readonly bytesSent: number;
  readonly dropped: number;
  readonly lost: number;
  /** Of the busiest process. */
  readonly utilization: number;
  readonly loopP50Ms: number;
  readonly loopP99Ms: number;
  /** Undefined when nothing was delivered. */
  readonly latencyP50Ms: number | undefined;
  readonly latencyP99Ms: number | undefined;
  readonly bounds: readonly number[];
  readonly buckets: readonly number[];
}

/** Puts the latest samples of all processes together: sums, and the worst of what can't be summed. */
export function frameOf(samples: readonly Sample[], at: number): Frame {
  const sum = (figure: (sample: Sample) => number): number =>
    samples.reduce((total, sample) => total + figure(sample), 0);
  const most = (figure: (sample: Sample) => number): number => Math.max(0, ...samples.map(figure));
  const bounds = samples[0]?.latency.bounds ?? [];
  const buckets = addUp(samples.map(({ latency }) => latency.buckets));
  const isIdle = buckets.every((count) => count === 0);
  return {
    at: at / 1_000,
    connections: sum(({ connections }) => connections),
    operations: sum(({ operations }) => operations),
    groups: sum(({ groups }) => groups),
    cohorts: sum(({ cohorts }) => cohorts),
    members: sum(({ members }) => members),
    queued: sum(({ queued }) => queued),
    bytes: sum(({ bytes }) => bytes),
    broadcasts: sum(({ rates }) => rates.broadcasts),
    computed: sum(({ rates }) => rates.computed),
    deliveries: sum(({ rates }) => rates.deliveries),
    bytesSent: sum(({ rates }) => rates.bytes),
    dropped: sum(({ rates }) => rates.dropped),
    lost: sum(({ rates }) => rates.lost),
    utilization: most(({ eventLoop }) => eventLoop.utilization),
    loopP50Ms: most(({ eventLoop }) => eventLoop.p50Ms),
    loopP99Ms: most(({ eventLoop }) => eventLoop.p99Ms),
    latencyP50Ms: isIdle ? undefined : quantile(bounds, buckets, 0.5),
    latencyP99Ms: isIdle ? undefined : quantile(bounds, buckets, 0.99),
    bounds,
    buckets,
  };
}

/** Adds histograms up, bucket by bucket. */
export function addUp(histograms: readonly (readonly number[])[]): readonly number[] {
  return (histograms[0] ?? []).map((_, bucket) =>
    histograms.reduce((total, buckets) => total + (buckets[bucket] ?? 0), 0),
  );
}
