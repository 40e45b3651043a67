import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import process from 'node:process';
import type { DeliveryMessage, GraphqlWs, Stats } from '@groupcast/fastify';
import { EventLoopMeter } from './event-loop-meter.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { type LiveRates, type LiveSample, preciseNow } from './live-sample.ts';

/** Measures how this process is doing: from `stats()`, diagnostics channels and the event loop. */
export class Meter {
  readonly #graphqlWs: () => GraphqlWs;
  readonly #eventLoop = new EventLoopMeter();
  readonly #latencies = new LatencyHistogram();
  #before: { readonly stats: Stats; readonly at: number } | undefined;

  /** @param graphqlWs - asked when it is started: the plugin may be registered after this is made */
  constructor(graphqlWs: () => GraphqlWs) {
    this.#graphqlWs = graphqlWs;
  }

  start(): void {
    this.#before = { stats: this.#graphqlWs().stats(), at: preciseNow() };
    this.#latencies.take();
    this.#eventLoop.start();
    subscribe('groupcast:delivery', this.#delivered);
  }

  stop(): void {
    unsubscribe('groupcast:delivery', this.#delivered);
    this.#eventLoop.stop();
  }

  /** How it is doing, with what happened since the last call or since the start. */
  take(): Omit<LiveSample, 'load' | 'lastLoadEnd'> {
    const { health, stats: currentStats } = this.#graphqlWs();
    const [stats, at] = [currentStats(), preciseNow()];
    const before = this.#before ?? { stats, at };
    this.#before = { stats, at };
    const { connections, operations, groups, cohorts, members } = stats;
    const { queued, bytes, pendingBroadcasts } = stats;
    return {
      process: process.pid,
      sentAt: at,
      intervalMs: at - before.at,
      ...{ connections, operations, groups, cohorts, members, queued, bytes, pendingBroadcasts },
      rates: ratesOf(stats, before.stats, at - before.at),
      eventLoop: this.#eventLoop.take(),
      latency: this.#latencies.take(),
      broker: {
        status: health.status,
        error: health.status === 'up' ? null : (health.lastError?.message ?? null),
      },
    };
  }

  /** From the broadcast where the payload says when that was, else from the arrival in this process. */
  readonly #delivered = (message: unknown): void => {
    const { payload, delivered, durationMs } = message as DeliveryMessage;
    if (delivered === 0) return;
    const { sentAt } = Object(payload());
    const ms = typeof sentAt === 'number' ? Math.max(0, preciseNow() - sentAt) : durationMs;
    this.#latencies.record(ms, delivered);
  };
}

function ratesOf(after: Stats, before: Stats, ms: number): LiveRates {
  const perSecond = (name: keyof Stats): number =>
    ms > 0 ? ((after[name] - before[name]) * 1_000) / ms : 0;
  return {
    broadcasts: perSecond('published'),
    received: perSecond('received'),
    computed: perSecond('computed'),
    deliveries: perSecond('delivered'),
    bytes: perSecond('bytesSent'),
    dropped: perSecond('dropped'),
    lost: perSecond('lost'),
  };
}
