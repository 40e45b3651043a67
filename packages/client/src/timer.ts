/** The longest delay that `setTimeout` knows; more would fire at once. */
const LONGEST_MS = 2_147_483_647;

/** One thing that is to happen later; setting it anew replaces it. */
export class Timer {
  #handle: ReturnType<typeof setTimeout> | undefined;

  /** `Infinity`, and whatever is too far away to be timed, never happens. */
  set(delayMs: number, callback: () => void): void {
    this.clear();
    if (delayMs <= LONGEST_MS) this.#handle = setTimeout(callback, delayMs);
  }

  clear(): void {
    clearTimeout(this.#handle);
  }
}
