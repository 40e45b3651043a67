import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Continuity } from '../../src/index.ts';

/** How long something that must happen may take. */
const PATIENCE_MS = 5_000;

/** When nothing happens for so long, what was sent is lost. */
const QUIET_MS = 30;

/** What the consumer of a subscription of numbers was given, in order. */
export class Tape {
  readonly #entries: (number | Continuity)[] = [];
  #wake: (() => void)[] = [];
  /** The newest number that came. */
  newest = 0;
  /** How often something has happened. */
  changes = 0;

  put(entry: number | Continuity): void {
    this.#entries.push(entry);
    if (typeof entry === 'number') this.newest = entry;
    this.touch();
  }

  /** Something else has happened that concerns who waits. */
  touch(): void {
    this.changes += 1;
    for (const wake of this.#wake.splice(0)) wake();
  }

  /**
   * Waits for the next change, not for long: what is lost without a word changes nothing.
   *
   * @param changes - how many there were
   * @returns false when nothing has happened
   */
  async moves(changes: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    if (this.changes === changes) {
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        timer = setTimeout(resolve, QUIET_MS);
      });
    }
    clearTimeout(timer);
    return this.changes !== changes;
  }

  get numbers(): readonly number[] {
    return this.#entries.filter((entry) => typeof entry === 'number');
  }

  gaps(reason: string): number {
    const isSuch = (entry: number | Continuity): boolean =>
      typeof entry === 'object' && entry.state === 'gap' && entry.reason === reason;
    return this.#entries.filter(isSuch).length;
  }

  /** Fails unless the numbers rise, from 1, and each one that is missing was told as a gap before. */
  expectTruth(): void {
    let last = 0;
    let isToldOfGap = false;
    for (const entry of this.#entries) {
      if (typeof entry === 'object') {
        isToldOfGap ||= entry.state === 'gap';
        continue;
      }
      expect(entry, `came after ${last}`).toBeGreaterThan(last);
      if (!isToldOfGap) expect(entry, `came after ${last}, and no gap was told`).toBe(last + 1);
      last = entry;
      isToldOfGap = false;
    }
  }
}

/** Resolves when it is so; looks once in a turn of the event loop, since there is no event for it. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`In vain: ${what}`);
    await turn();
  }
}

/** Resolves after so many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turned = 0; turned < count; turned += 1) await turn();
}
