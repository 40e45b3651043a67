import { MAX_FLOOR_MS, MIN_FLOOR_MS, MS_PER_CLIENT } from './return-span.ts';

const SLOTS = MAX_FLOOR_MS / MS_PER_CLIENT;

/** One place in the order in which clients come back to a server that died without a word. */
export interface ReturnSlot {
  /** How long its clients wait at least before they dial; 0 when that is not worth a word. */
  readonly retryAfterMs: number;
  /** How many connections have it. */
  taken: number;
}

/**
 * Gives each connection a slot, so that they are spread evenly at any time.
 *
 * Not at random: nobody knows how many will come after the first, and a span for those that are
 * there would crowd them at its beginning.
 */
export class ReturnSlots {
  readonly #slots: readonly ReturnSlot[] = Array.from({ length: SLOTS }, (_, index) => {
    const waitMs = index * MS_PER_CLIENT;
    return { retryAfterMs: waitMs < MIN_FLOOR_MS ? 0 : waitMs, taken: 0 };
  });

  /** The earliest of those that the fewest connections have. */
  take(): ReturnSlot {
    const slot = this.#slots.reduce((best, each) => (each.taken < best.taken ? each : best));
    slot.taken += 1;
    return slot;
  }

  /** Its connection is gone. */
  free(slot: ReturnSlot): void {
    slot.taken -= 1;
  }
}
