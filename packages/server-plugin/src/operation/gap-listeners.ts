import type { Scheduler } from './scheduler.ts';

/** A live subscription whose client wants to be told of gaps. */
export interface GapListener {
  /** Tells what it has missed, as soon as it can. */
  tellGaps(): void;
}

/** Who wants to be told of outages of the broker, and how many there were. */
export class GapListeners {
  readonly #scheduler: Scheduler;
  readonly #listeners = new Set<GapListener>();
  #outages = 0;
  #isOut = false;
  /** Whether somebody was told of the present outage before its end. */
  #wasCounted = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  add(listener: GapListener): void {
    this.#listeners.add(listener);
  }

  delete(listener: GapListener): void {
    this.#listeners.delete(listener);
  }

  /**
   * How many outages there were so far, for somebody who is told of them now. One that lasts
   * counts already, and once more when it ends: what is lost in the rest of it comes after that.
   */
  countOutages(): number {
    this.#wasCounted ||= this.#isOut;
    return this.#outages;
  }

  /**
   * Events may be lost from now on. Who takes one all the same is told first; the others are told
   * at the end, when fetching again makes sense.
   */
  brokerFailed(): void {
    if (this.#isOut) return;
    this.#isOut = true;
    this.#wasCounted = false;
    this.#outages += 1;
  }

  /** The broker works again: until now events may have been lost, for anybody. */
  brokerRecovered(): void {
    if (!this.#isOut || this.#wasCounted) this.#outages += 1;
    this.#isOut = false;
    // They are told in slices. Who takes a notification before its turn looks at the count first.
    void this.#scheduler.forEach([...this.#listeners], (listener) => listener.tellGaps());
  }
}
