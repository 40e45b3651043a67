import type { GroupSubscription } from './group-subscription.ts';
import type { Scheduler } from './scheduler.ts';

/** The live subscriptions whose clients want to be told of gaps. */
export class GapListeners {
  readonly #scheduler: Scheduler;
  readonly #listeners = new Set<GroupSubscription>();
  #outages = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** How many outages of the broker have ended so far. */
  get outages(): number {
    return this.#outages;
  }

  add(listener: GroupSubscription): void {
    this.#listeners.add(listener);
  }

  delete(listener: GroupSubscription): void {
    this.#listeners.delete(listener);
  }

  /** The broker works again: until now events may have been lost, for anybody. */
  brokerRecovered(): void {
    // They are told in slices. Who takes a notification before its turn looks at the count first.
    this.#outages += 1;
    void this.#scheduler.forEach([...this.#listeners], (listener) => listener.tellGaps());
  }
}
