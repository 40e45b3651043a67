import { chain } from './chain.ts';
import type { Event, Notification, Rendered, Subscriber } from './notification.ts';
import { OwnRun, type OwnRunParts } from './own-run.ts';
import type { Plan } from './plan.ts';
import type { SharedOutcome } from './runner.ts';
import type { Trust } from './trust.ts';

/** What every {@link CohortNotification} needs. */
export interface CohortParts extends OwnRunParts {
  readonly trust: Trust;
}

/** One event for one cohort: filtered per subscriber, computed once where that is allowed. */
export class CohortNotification implements Notification {
  readonly #parts: CohortParts;
  readonly #event: Event;
  readonly #plan: Plan;
  readonly #waiting = new Set<Subscriber>();
  #abort: AbortController | undefined;
  #outcome: SharedOutcome | Promise<SharedOutcome> | undefined;

  constructor(parts: CohortParts, event: Event, plan: Plan) {
    this.#parts = parts;
    this.#event = event;
    this.#plan = plan;
  }

  resultFor(subscriber: Subscriber): Rendered | Promise<Rendered> {
    const { trust } = this.#parts;
    if (subscriber.source.definition.filter === undefined && trust.holdsFor(this.#plan)) {
      return this.#shared(subscriber, undefined);
    }
    const own = new OwnRun(this.#parts, subscriber, this.#event);
    return chain(own.passes(), (passes) => {
      if (!passes || subscriber.isEnded) return undefined;
      return trust.holdsFor(this.#plan) ? this.#shared(subscriber, own) : own.run();
    });
  }

  release(subscriber: Subscriber): void {
    const isLast = this.#waiting.delete(subscriber) && this.#waiting.size === 0;
    if (!isLast || this.#abort === undefined) return;
    this.#abort.abort();
    // A member whose turn comes later needs a run of its own time, not what is left of this one.
    this.#abort = undefined;
    this.#outcome = undefined;
  }

  #shared(subscriber: Subscriber, own: OwnRun | undefined): Rendered | Promise<Rendered> {
    this.#outcome ??= this.#start(subscriber);
    const awaited = this.#outcome;
    if (awaited instanceof Promise) this.#waiting.add(subscriber);
    return chain(awaited, (outcome) => {
      if (this.#outcome === awaited) this.#outcome = outcome;
      this.#waiting.delete(subscriber);
      if (outcome !== 'not-shareable') return outcome.rendered;
      if (subscriber.isEnded) return undefined;
      return (own ?? new OwnRun(this.#parts, subscriber, this.#event)).run();
    });
  }

  /** The definition is the same for all: it belongs to the field. */
  #start({ source }: Subscriber): SharedOutcome | Promise<SharedOutcome> {
    this.#parts.stats.computed += 1;
    return this.#parts.runner.runShared(this.#plan, source.definition, {
      payload: this.#event.payload(),
      signal: () => {
        this.#abort ??= new AbortController();
        return this.#abort.signal;
      },
    });
  }
}
