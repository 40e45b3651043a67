import { afterMs, onNextTurn } from './real-timers.ts';

/** How waiting for something came out. */
export type Found<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'closed' };

/** Lets expectations look again whenever something has changed. */
export class Changes {
  readonly #waiters = new Set<{ look(): void; end(): void }>();
  #isLookDue = false;
  #hasEnded = false;

  /**
   * Something has changed.
   *
   * Who waits looks in a later turn, when all that had arrived together is read: a client that
   * subscribes, unsubscribes and subscribes is then seen with its last subscription.
   */
  notify(): void {
    if (this.#isLookDue || this.#waiters.size === 0) return;
    this.#isLookDue = true;
    onNextTurn(() => {
      this.#isLookDue = false;
      for (const { look } of this.#waiters) look();
    });
  }

  /**
   * Waits until something is there; who began to wait first, looks first.
   *
   * @param find - gives undefined until then
   */
  until<T>(find: () => T | undefined, timeoutMs: number): Promise<Found<T>> {
    return new Promise((resolve) => {
      const settle = (found: Found<T>): void => {
        this.#waiters.delete(waiter);
        cancel();
        resolve(found);
      };
      const waiter = {
        look: (): void => {
          const value = find();
          if (value !== undefined) settle({ kind: 'found', value });
        },
        end: (): void => settle({ kind: 'closed' }),
      };
      const cancel = afterMs(timeoutMs, () => settle({ kind: 'timeout' }));
      this.#waiters.add(waiter);
      // When a look is due, it is the turn of those who wait already.
      if (!this.#isLookDue) waiter.look();
      if (this.#hasEnded && this.#waiters.has(waiter)) waiter.end();
    });
  }

  /** Nothing will change any more: who waits, or will, is told so. */
  end(): void {
    this.#hasEnded = true;
    for (const waiter of this.#waiters) {
      waiter.look();
      if (this.#waiters.has(waiter)) waiter.end();
    }
  }
}
