import type { Gap } from './extension.ts';

/**
 * What one subscriber has missed and was not told yet, and where in its queue that belongs.
 *
 * Bounded: at most one gap of drops, and two of outages. What was dropped was always the first of those that waited, so it
 * belongs before all that wait now; an outage belongs after those that had arrived before it ended.
 */
export class PendingGaps {
  #dropped = 0;
  #seenOutages: number;
  /** How many of those that wait come before the first outage that was not told, and the last. */
  #aheadOfFirst: number | undefined;
  #aheadOfLast: number | undefined;

  /** @param outages - how many had ended before: those are not its own */
  constructor(outages: number) {
    this.#seenOutages = outages;
  }

  /** Whether one must be told before anything else. */
  get isDue(): boolean {
    return this.#dropped > 0 || this.#aheadOfFirst === 0;
  }

  /** The first of those that waited was dropped. */
  addDropped(): void {
    this.#dropped += 1;
  }

  /**
   * Takes note of outages that have ended since the last look. Must be called before a notification
   * joins those that wait.
   *
   * Of those that were not told yet the first and the last are told, each in its place: whatever was
   * lost in between was lost before the last.
   *
   * @param outages - how many have ended so far
   * @param waiting - how many wait now
   */
  noteOutages(outages: number, waiting: number): void {
    if (outages === this.#seenOutages) return;
    this.#seenOutages = outages;
    if (this.#aheadOfFirst === undefined) this.#aheadOfFirst = waiting;
    else this.#aheadOfLast = waiting;
  }

  /** The first of those that waited has left the queue, one way or the other. */
  advance(): void {
    if (this.#aheadOfFirst) this.#aheadOfFirst -= 1;
    if (this.#aheadOfLast) this.#aheadOfLast -= 1;
  }

  /** Takes the next gap that is due. */
  take(): Gap | undefined {
    if (this.#dropped > 0) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      return { reason: 'queue', dropped };
    }
    if (this.#aheadOfFirst !== 0) return undefined;
    this.#aheadOfFirst = this.#aheadOfLast;
    this.#aheadOfLast = undefined;
    return { reason: 'broker' };
  }
}
