import { Fifo } from './fifo.ts';
import type { Wakeable } from './operation-client.ts';

/** How long work for subscribers may keep the event loop at a time. */
const SLICE_MS = 4;

/** How many cheap questions pass between two looks at the clock. */
const CLOCK_EVERY = 16;

// Taken once: faked timers of an app's tests must not stop deliveries.
const nextTurn = setImmediate;
const now = performance.now.bind(performance);

/**
 * Slices the work of large fan-outs, so that timers and other connections get their turn.
 *
 * Work may run at once while `hasTime()`; what doesn't fit is queued and run in later turns of the
 * event loop, first in, first out, a few milliseconds at a time.
 */
export class Scheduler {
  readonly #queue = new Fifo<Wakeable>();
  #sliceEndsAt = 0;
  #asked = 0;
  #isTurnBooked = false;
  #isSpent = false;
  #isHeld = false;

  /** How many wait for a later turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Whether work may go on in this turn of the event loop. */
  hasTime(): boolean {
    if (this.#isHeld) return false;
    if (!this.#isTurnBooked) {
      this.#bookTurn();
      this.#sliceEndsAt = now() + SLICE_MS;
      return true;
    }
    if (this.#isSpent) return false;
    this.#asked += 1;
    if (this.#asked % CLOCK_EVERY !== 0) return true;
    this.#isSpent = now() >= this.#sliceEndsAt;
    return !this.#isSpent;
  }

  /** Wakes `work` in a later turn. Who is queued twice is woken twice. */
  enqueue(work: Wakeable): void {
    this.#queue.push(work);
    if (!this.#isHeld) this.#bookTurn();
  }

  /** Lets all work wait until `release()`: what was made has to leave before more is made. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    if (this.#queue.size > 0) this.#bookTurn();
  }

  /**
   * Does something for each, at once as long as there is time, and goes on in later turns.
   *
   * @param act - must not throw
   * @returns resolves when it was done for all
   */
  forEach<T>(items: readonly T[], act: (item: T) => void): Promise<void> {
    return new Promise((resolve) => {
      const rest = items.values();
      let step = rest.next();
      const wake = (): void => {
        while (step.done !== true) {
          if (!this.hasTime()) return this.enqueue({ wake });
          act(step.value);
          step = rest.next();
        }
        resolve();
      };
      wake();
    });
  }

  /** Resolves in a later turn of the event loop, after what is queued already. */
  async turn(): Promise<void> {
    await new Promise<void>((resolve) => this.enqueue({ wake: resolve }));
  }

  #bookTurn(): void {
    if (this.#isTurnBooked) return;
    this.#isTurnBooked = true;
    nextTurn(() => this.#runSlice());
  }

  #runSlice(): void {
    this.#isTurnBooked = false;
    this.#isSpent = false;
    while (this.#queue.size > 0 && this.hasTime()) this.#queue.shift()?.wake();
    if (this.#queue.size > 0 && !this.#isHeld) this.#bookTurn();
  }
}
