/** `setTimeout` takes no longer delay than this; longer ones fire at once. */
const LONGEST_DELAY_MS = 2_147_483_647;

/** Stops a deadline that was not reached yet. Can be called twice. */
export type CancelDeadline = () => void;

/** Timers that are counted, so that none is forgotten. */
export class Deadlines {
  readonly #running = new Set<object>();

  /** How many are running. */
  get size(): number {
    return this.#running.size;
  }

  /** Waits for something, but no longer than `delayMs` milliseconds. */
  async atMost(delayMs: number, awaited: Promise<void> | undefined): Promise<void> {
    let cancel: CancelDeadline | undefined;
    const tooLong = new Promise<void>((resolve) => {
      cancel = this.after(delayMs, resolve);
    });
    await Promise.race([awaited, tooLong]);
    cancel?.();
  }

  /** Calls `reached` once, after `delayMs` milliseconds of any length. */
  after(delayMs: number, reached: () => void): CancelDeadline {
    const deadline = {};
    this.#running.add(deadline);
    let timer: NodeJS.Timeout;
    let leftMs = delayMs;
    const wait = (): void => {
      const stepMs = Math.min(leftMs, LONGEST_DELAY_MS);
      leftMs -= stepMs;
      timer = setTimeout(() => {
        if (leftMs > 0) return wait();
        this.#running.delete(deadline);
        reached();
      }, stepMs);
    };
    wait();
    return () => {
      clearTimeout(timer);
      this.#running.delete(deadline);
    };
  }
}
