import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { EventLoopFigures } from './live-sample.ts';

/** Milliseconds between the timers whose delay is measured. */
const RESOLUTION_MS = 10;

/** Measures how late the timers of this process fire, and how busy its event loop is. */
export class EventLoopMeter {
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #usage = performance.eventLoopUtilization();

  start(): void {
    this.#usage = performance.eventLoopUtilization();
    this.#delays.reset();
    this.#delays.enable();
  }

  stop(): void {
    this.#delays.disable();
  }

  /** The figures since the last call, or since the start. */
  take(): EventLoopFigures {
    const usage = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(usage, this.#usage);
    this.#usage = usage;
    const figures = {
      utilization,
      p50Ms: this.#delayMs(this.#delays.percentile(50)),
      p99Ms: this.#delayMs(this.#delays.percentile(99)),
      maxMs: this.#delayMs(this.#delays.max),
    };
    this.#delays.reset();
    return figures;
  }

  /** What is measured is the time from one timer to the next. */
  #delayMs(nanoseconds: number): number {
    return this.#delays.count === 0 ? 0 : Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  }
}
