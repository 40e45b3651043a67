import type { Gap } from './extension.ts';

/** A gap that the broker made, among those that wait. */
interface BrokerGap {
  /** How many of those that wait come before it. */
  ahead: number;
  /** How many events are missing, where that is known. */
  dropped: number | undefined;
}

/** The first and the last. */
const BROKER_GAPS = 2;

/**
 * What one subscriber has missed and was not told yet, and where in its queue that belongs.
 *
 * Bounded: at most one gap of drops, and two of the broker. What was dropped was always the first
 * of those that waited, so it belongs before all that wait now; an outage belongs after those that
 * had arrived before it ended, a loss right before the one that revealed it.
 */
export class PendingGaps {
  #dropped = 0;
  #seenOutages: number;
  /** In the order of their places. */
  readonly #brokerGaps: BrokerGap[] = [];

  /** @param outages - how many had ended before: those are not its own */
  constructor(outages: number) {
    this.#seenOutages = outages;
  }

  /** Whether one must be told before anything else. */
  get isDue(): boolean {
    return this.#dropped > 0 || this.#brokerGaps[0]?.ahead === 0;
  }

  /** The first of those that waited was dropped. */
  addDropped(): void {
    this.#dropped += 1;
  }

  /**
   * Takes note of outages since the last look. Must be called before a notification joins those
   * that wait.
   *
   * @param outages - how many there were so far
   * @param waiting - how many wait now
   */
  noteOutages(outages: number, waiting: number): void {
    if (outages === this.#seenOutages) return;
    this.#seenOutages = outages;
    this.#add({ ahead: waiting, dropped: undefined });
  }

  /** Takes note of events that are missing after those that wait now. */
  noteMissing(dropped: number, waiting: number): void {
    this.#add({ ahead: waiting, dropped });
  }

  /** The first of those that waited has left the queue, one way or the other. */
  advance(): void {
    for (const gap of this.#brokerGaps) if (gap.ahead > 0) gap.ahead -= 1;
  }

  /** Takes the next gap that is due. */
  take(): Gap | undefined {
    if (this.#dropped > 0) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      return { reason: 'queue', dropped };
    }
    if (!this.isDue) return undefined;
    const dropped = this.#brokerGaps.shift()?.dropped;
    return { reason: 'broker', ...(dropped !== undefined && { dropped }) };
  }

  /** The first and the last keep their places; what was lost in between was lost before the last. */
  #add({ ahead, dropped }: BrokerGap): void {
    const last = this.#brokerGaps.at(-1);
    const isFull = this.#brokerGaps.length === BROKER_GAPS;
    if (last === undefined || (!isFull && last.ahead !== ahead)) {
      this.#brokerGaps.push({ ahead, dropped });
      return;
    }
    last.ahead = ahead;
    last.dropped = sum(last.dropped, dropped);
  }
}

/** With what nobody knows the sum is not known either. */
function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
