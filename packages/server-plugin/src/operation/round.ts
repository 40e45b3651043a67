import type { Notification } from '../delivery/notification.ts';
import type { Cohort } from '../groups/groups.ts';
import type { FanOut, FanOutMember } from './fan-outs.ts';

/** An event in a round. */
interface Entry<M extends FanOutMember> {
  readonly fanOut: FanOut<M>;
  /** By cohort; made when the first of its members has its turn. */
  readonly notifications: (Notification | undefined)[];
  /** How many members have not heard it. */
  left: number;
}

/**
 * Goes round the members of a group, one after the other, with the events that they have not heard.
 *
 * An event that joins under way is heard by the next member first, and by the one before it last: who
 * has several events to hear hears them in one go.
 */
export class Round<M extends FanOutMember> {
  /** How many members it has. */
  readonly size: number;
  readonly #cohorts: readonly Cohort<M>[];
  readonly #failed: (error: unknown) => void;
  readonly #entries: Entry<M>[] = [];
  #cohort = 0;
  #member = 0;

  /** @param failed - told what a member has thrown; the others go on */
  constructor(cohorts: readonly Cohort<M>[], failed: (error: unknown) => void) {
    this.#cohorts = cohorts;
    this.#failed = failed;
    this.size = cohorts.reduce((size, members) => size + members.length, 0);
  }

  /** How many events not all members have heard. */
  get eventCount(): number {
    return this.#entries.length;
  }

  /** Whether events for these members can join it. */
  isOf(cohorts: readonly Cohort<M>[]): boolean {
    return this.#cohorts === cohorts;
  }

  add(fanOut: FanOut<M>): void {
    this.#entries.push({ fanOut, notifications: [], left: this.size });
  }

  /**
   * Lets the next member hear the events that it has not heard, in their order.
   *
   * @returns how many of them all members have heard now
   */
  step(): number {
    const member = this.#cohorts[this.#cohort]?.[this.#member];
    // What a member broadcasts meanwhile it hears last, or an endless exchange would have no end here.
    const count = this.#entries.length;
    for (let index = 0; index < count; index += 1) {
      const entry = this.#entries[index];
      if (entry === undefined || member === undefined) continue;
      entry.left -= 1;
      this.#notify(member, entry);
    }
    this.#advance();
    let heard = 0;
    // Those that came first are heard by all first.
    while (this.#entries[heard]?.left === 0) heard += 1;
    if (heard > 0) this.#entries.splice(0, heard);
    return heard;
  }

  #notify(member: M, { fanOut, notifications }: Entry<M>): void {
    try {
      let notification = notifications[this.#cohort];
      if (notification === undefined) {
        notification = fanOut.notificationFor(member.plan);
        notifications[this.#cohort] = notification;
      }
      member.notify(notification, fanOut.missing);
    } catch (error) {
      this.#failed(error);
    }
  }

  #advance(): void {
    this.#member += 1;
    if (this.#member < (this.#cohorts[this.#cohort]?.length ?? 0)) return;
    this.#member = 0;
    this.#cohort = (this.#cohort + 1) % this.#cohorts.length;
  }
}
