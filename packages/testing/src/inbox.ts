import { afterMs } from './real-timers.ts';

/** What came of waiting for an item. */
export type Taken<T> =
  | { readonly kind: 'item'; readonly item: T }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'ended' };

/** Items in the order in which they arrived, for whoever waits first. */
export class Inbox<T extends object> {
  #items: T[] = [];
  readonly #waiters = new Set<(taken: Taken<T>) => void>();
  #isEnded = false;

  /** What has arrived and nobody has taken. */
  get unread(): readonly T[] {
    return this.#items;
  }

  put(item: T): void {
    const [waiter] = this.#waiters;
    if (waiter) waiter({ kind: 'item', item });
    else this.#items.push(item);
  }

  /**
   * Takes the next item, which may have arrived already.
   *
   * A waiter whose time is over is forgotten, so that a later item is not lost to it.
   */
  take(timeoutMs: number): Promise<Taken<T>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ kind: 'item', item });
    if (this.#isEnded) return Promise.resolve({ kind: 'ended' });

    return new Promise((resolve) => {
      const settle = (taken: Taken<T>): void => {
        this.#waiters.delete(settle);
        cancel();
        resolve(taken);
      };
      const cancel = afterMs(timeoutMs, () => settle({ kind: 'timeout' }));
      this.#waiters.add(settle);
    });
  }

  /** Takes all unread items that fit, in their order. */
  takeWhere(fits: (item: T) => boolean): T[] {
    const taken: T[] = [];
    const left: T[] = [];
    for (const item of this.#items) (fits(item) ? taken : left).push(item);
    this.#items = left;
    return taken;
  }

  /** Who waits now is sent away; what comes later is there for others. */
  interrupt(): void {
    for (const waiter of this.#waiters) waiter({ kind: 'interrupted' });
  }

  /** Nothing more is due: who waits, or will, is told so instead of running into a timeout. */
  end(): void {
    this.#isEnded = true;
    for (const waiter of this.#waiters) waiter({ kind: 'ended' });
  }
}
