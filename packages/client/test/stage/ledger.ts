/** Counts what ran, and holds slow fields back until they are released. */
export class Ledger {
  readonly #counts = new Map<string, number>();
  readonly #released = new Set<string>();
  readonly #waiting = new Map<string, (() => void)[]>();
  #isOpen = false;
  /** How often a mutation ran, whatever its key. */
  increments = 0;

  /** Notes one execution; the result is how many there were with this key. */
  note(key: string): number {
    const count = this.executions(key) + 1;
    this.#counts.set(key, count);
    return count;
  }

  executions(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Resolves when the key is released, or was before. */
  async released(key: string): Promise<void> {
    if (this.#isOpen || this.#released.has(key)) return;
    await new Promise<void>((resolve) => {
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve]);
    });
  }

  release(key: string): void {
    this.#released.add(key);
    for (const go of this.#waiting.get(key) ?? []) go();
    this.#waiting.delete(key);
  }

  /** Holds nothing back any more. */
  releaseAll(): void {
    this.#isOpen = true;
    for (const key of this.#waiting.keys()) this.release(key);
  }
}
