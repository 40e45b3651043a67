/** A source of events that a test feeds, and of which it sees how often it was closed. */
export class ControlledSource<T> implements AsyncIterableIterator<T> {
  readonly #events: T[] = [];
  readonly #waiting: {
    readonly resolve: (step: IteratorResult<T>) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #end: (() => Promise<IteratorResult<T>>) | undefined;
  /** How often it was asked for an event. */
  pulls = 0;
  /** How often it was closed from outside. */
  returns = 0;

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    this.pulls += 1;
    const [event] = this.#events.splice(0, 1);
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#end !== undefined) return this.#end();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T>> {
    this.returns += 1;
    this.finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  push(event: T): void {
    const [waiting] = this.#waiting.splice(0, 1);
    if (waiting === undefined) this.#events.push(event);
    else waiting.resolve({ done: false, value: event });
  }

  /** Ends it by itself. */
  finish(): void {
    this.#end = () => Promise.resolve({ done: true, value: undefined });
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }

  /** Lets it fail. */
  fail(error: unknown): void {
    this.#end = () => Promise.reject(error);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
