import type { Operation } from './operation.ts';

/** Which subscriptions the server wants ended: those of a field, in one group or all of them. */
export interface Unsubscription {
  readonly field: string;
  /** Absent: all of the field. */
  readonly group?: string;
}

/**
 * Remembers, for operations whose `subscribe` is pending, what the server ended meanwhile.
 *
 * Which groups they will hear is not known before `subscribe` returns; an `unsubscribe` that came
 * in between must reach them all the same.
 */
export class PendingSubscriptions {
  readonly #pending = new Map<Operation, Unsubscription[]>();

  has(operation: Operation): boolean {
    return this.#pending.has(operation);
  }

  begin(operation: Operation): void {
    this.#pending.set(operation, []);
  }

  /** Records an order of the server for everyone who is pending now. */
  unsubscribe(order: Unsubscription): void {
    for (const orders of this.#pending.values()) orders.push(order);
  }

  /**
   * Ends the waiting of an operation.
   *
   * @returns what the server ordered while it was pending
   */
  finish(operation: Operation): readonly Unsubscription[] {
    const orders = this.#pending.get(operation) ?? [];
    this.#pending.delete(operation);
    return orders;
  }
}
