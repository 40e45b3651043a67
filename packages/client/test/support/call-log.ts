/** Calls of one consumer in order: each can be awaited, once. */
export class CallLog {
  readonly #calls: unknown[][] = [];
  readonly #waiting: ((call: unknown[]) => void)[] = [];

  /** Notes a call by its name. */
  readonly note = (...call: unknown[]): void => {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(call);
    else this.#calls.push(call);
  };

  /** Callbacks that note what they are given. */
  readonly sink = {
    next: (value: unknown): void => this.note('next', value),
    error: (error: unknown): void => this.note('error', error),
    complete: (): void => this.note('complete'),
  };

  /** The next call; waits for it. */
  async take(): Promise<unknown[]> {
    const call = this.#calls.shift();
    return call ?? new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** The calls that nobody has taken. */
  get rest(): readonly unknown[][] {
    return this.#calls;
  }
}
