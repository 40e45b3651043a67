import type { Meter } from './meter.ts';

/** Milliseconds between two questions whether somebody watches in another process. */
const ASK_EVERY_MS = 3_000;

/** What a {@link Sampler} is made of. */
export interface SamplerOptions {
  readonly meter: Meter;
  readonly intervalMs: number;
  /** Whether pages may be connected to other processes. */
  readonly hasOthers: boolean;
  /**
   * Takes a sample and sends it.
   *
   * @returns how many processes have watchers; undefined where the broker can't tell
   */
  readonly send: () => Promise<number | undefined>;
}

/**
 * Has samples taken while somebody watches: one timer for all who do.
 *
 * Whether somebody watches in another process, the broker tells: a sample that no process has heard
 * was for nobody. Then one is sent now and then, to ask.
 */
export class Sampler {
  readonly #options: SamplerOptions;
  #watchers = 0;
  #heardElsewhere = false;
  #measuring: NodeJS.Timeout | undefined;
  #asking: NodeJS.Timeout | undefined;
  #unwatchedSince = performance.now();
  #isClosed = false;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** Milliseconds for which nobody has been watching; 0 while somebody is. */
  get unwatchedMs(): number {
    return this.#isWatched ? 0 : performance.now() - this.#unwatchedSince;
  }

  /** Must be called when the app is ready. */
  start(): void {
    if (!this.#options.hasOthers) return;
    this.#asking = setInterval(() => this.#ask(), ASK_EVERY_MS).unref();
  }

  /** Somebody in this process watches from now on. */
  watch(): void {
    this.#watchers += 1;
    this.#update();
  }

  /** Somebody in this process has gone. */
  unwatch(): void {
    this.#watchers -= 1;
    this.#update();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#asking);
    this.#update();
  }

  get #isWatched(): boolean {
    return !this.#isClosed && (this.#watchers > 0 || this.#heardElsewhere);
  }

  #ask(): void {
    if (this.#measuring === undefined) void this.#send();
  }

  async #send(): Promise<void> {
    const processes = await this.#options.send().catch(() => undefined);
    if (!this.#options.hasOthers || this.#isClosed) return;
    this.#heardElsewhere = (processes ?? 0) > 0;
    this.#update();
  }

  #update(): void {
    const { meter, intervalMs } = this.#options;
    if (this.#isWatched === (this.#measuring !== undefined)) return;
    if (this.#isWatched) {
      meter.start();
      this.#measuring = setInterval(() => void this.#send(), intervalMs);
    } else {
      clearInterval(this.#measuring);
      this.#measuring = undefined;
      this.#unwatchedSince = performance.now();
      meter.stop();
    }
  }
}
