import { DeadlineQueue, type Ticket } from '../broker/deadline-queue.ts';

/** A group that nobody is in any more, and that the broker has not left yet. */
export interface LingeringGroup {
  /** Nobody came back in time: the broker leaves it. */
  expired(): void;
  /** The broker closes, and leaves everything by itself. */
  brokerCloses(): void;
}

/**
 * The groups that stay joined for a while although their last members have left: most churn is
 * somebody who comes back. One timer for all of them.
 */
export class Lingering {
  /** Absent when none may linger: the broker leaves at once. */
  #queue: DeadlineQueue<LingeringGroup> | undefined;

  /** @param lingerMs - 0 for not at all */
  constructor(lingerMs: number) {
    if (lingerMs > 0) this.#queue = new DeadlineQueue(lingerMs, (group) => group.expired());
  }

  get size(): number {
    return this.#queue?.size ?? 0;
  }

  /** Undefined when the group may not linger. */
  add(group: LingeringGroup): Ticket<LingeringGroup> | undefined {
    return this.#queue?.add(group);
  }

  delete(ticket: Ticket<LingeringGroup>): void {
    this.#queue?.delete(ticket);
  }

  /** Stops the timer, for a broker that closes next; nothing lingers from now on. */
  close(): void {
    const groups = this.#queue?.clear() ?? [];
    this.#queue = undefined;
    for (const group of groups) group.brokerCloses();
  }
}
