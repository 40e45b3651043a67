import type { Gap } from './extension.ts';

/**
 * What one subscriber has missed and was not told yet, and where in its queue that belongs.
 *
 * Bounded: one gap per reason. What was dropped was always the first of those that waited, so it
 * belongs before all that wait now; an outage belongs after those that had arrived before it ended.
 */
export class PendingGaps {
  #dropped = 0;
  #seenOutages: number;
  /** How many of those that wait come before the outage; undefined when there is none to tell. */
  #aheadOfOutage: number | undefined;

  /** @param outages - how many had ended before: those are not its own */
  constructor(outages: number) {
    this.#seenOutages = outages;
  }

  /** Whether one must be told before anything else. */
  get isDue(): boolean {
    return this.#dropped > 0 || this.#aheadOfOutage === 0;
  }

  /** The first of those that waited was dropped. */
  addDropped(): void {
    this.#dropped += 1;
  }

  /**
   * Takes note of outages that have ended since the last look. Must be called before a notification
   * joins those that wait.
   *
   * One that was not told yet becomes one with a later one, at the later place.
   *
   * @param outages - how many have ended so far
   * @param waiting - how many wait now
   */
  noteOutages(outages: number, waiting: number): void {
    if (outages === this.#seenOutages) return;
    this.#seenOutages = outages;
    this.#aheadOfOutage = waiting;
  }

  /** The first of those that waited has left the queue, one way or the other. */
  advance(): void {
    if (this.#aheadOfOutage !== undefined && this.#aheadOfOutage > 0) this.#aheadOfOutage -= 1;
  }

  /** Takes the next gap that is due. */
  take(): Gap | undefined {
    if (this.#dropped > 0) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      return { reason: 'queue', dropped };
    }
    if (this.#aheadOfOutage !== 0) return undefined;
    this.#aheadOfOutage = undefined;
    return { reason: 'broker' };
  }
}
