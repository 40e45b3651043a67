/** An item's place in a {@link DeadlineQueue}. */
export interface Ticket<T> {
  readonly item: T;
  /** In milliseconds of `performance.now()`. */
  readonly deadline: number;
}

/** `setTimeout` takes no more. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * Items that all have the same time to live, with one timer for all of them.
 *
 * No timer runs while it is empty.
 */
export class DeadlineQueue<T> {
  readonly #timeoutMs: number;
  readonly #onExpired: (item: T) => void;
  /** In the order of their deadlines, since all have the same time. */
  readonly #tickets = new Set<Ticket<T>>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onExpired - gets an item that was not deleted in time; it is deleted by then */
  constructor(timeoutMs: number, onExpired: (item: T) => void) {
    this.#timeoutMs = timeoutMs;
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#tickets.size;
  }

  /** The deadline of what is added now. */
  nextDeadline(): number {
    return performance.now() + this.#timeoutMs;
  }

  add(item: T): Ticket<T> {
    const ticket = { item, deadline: this.nextDeadline() };
    this.#tickets.add(ticket);
    this.#timer ??= this.#wakeAfter(this.#timeoutMs);
    return ticket;
  }

  /** Whether it was there still. */
  delete(ticket: Ticket<T>): boolean {
    if (!this.#tickets.delete(ticket)) return false;
    if (this.#tickets.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    return true;
  }

  /** Takes all items out, in their order. */
  clear(): readonly T[] {
    const items = Array.from(this.#tickets, ({ item }) => item);
    this.#tickets.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return items;
  }

  #wakeAfter(delayMs: number): NodeJS.Timeout {
    return setTimeout(
      () => this.#expire(),
      Math.min(Math.max(1, Math.ceil(delayMs)), MAX_DELAY_MS),
    );
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const ticket of this.#tickets) {
      if (ticket.deadline > now) {
        this.#timer ??= this.#wakeAfter(ticket.deadline - now);
        return;
      }
      this.#tickets.delete(ticket);
      this.#onExpired(ticket.item);
    }
  }
}
