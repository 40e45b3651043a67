/** What happens to the notifications of a subscriber that is too slow. */
export type Overflow = 'drop-oldest' | 'end';

/** What {@link Mailbox.push} did. */
export type Pushed = 'kept' | 'dropped-oldest' | 'full';

/**
 * The notifications that wait for one subscriber, first in, first out, bounded.
 *
 * The one in flight is not in here: a limit of N means N that wait and one that is delivered.
 */
export class Mailbox<T> {
  readonly #limit: number;
  readonly #overflow: Overflow;
  #waiting: T[] = [];
  #isInBurst = false;

  constructor(limit: number, overflow: Overflow) {
    this.#limit = limit;
    this.#overflow = overflow;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Adds to the end; tells whether something had to go, or could not be taken. */
  push(item: T): Pushed {
    if (this.#waiting.length < this.#limit) {
      this.#waiting.push(item);
      return 'kept';
    }
    if (this.#overflow === 'end') return 'full';
    this.#waiting.shift();
    this.#waiting.push(item);
    return 'dropped-oldest';
  }

  shift(): T | undefined {
    const item = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#isInBurst = false;
    return item;
  }

  /** True for the first drop since the mailbox was last empty, so that one burst warns once. */
  beginsBurst(): boolean {
    if (this.#isInBurst) return false;
    this.#isInBurst = true;
    return true;
  }
}
