import { chain } from './chain.ts';
import type { Event, Notification, Rendered, Subscriber } from './notification.ts';
import { OwnRun, type OwnRunParts } from './own-run.ts';
import type { Plan } from './plan.ts';
import { NOT_SHAREABLE, type SharedOutcome } from './runner.ts';
import type { Trust } from './trust.ts';

/** What every {@link CohortNotification} needs. */
export interface CohortParts extends OwnRunParts {
  readonly trust: Trust;
}

/** The run that a cohort shares: not begun, under way, or what came of it. */
type SharedRun = 'none' | Promise<SharedOutcome> | { readonly outcome: SharedOutcome };

/** One event for one cohort: filtered per subscriber, computed once where that is allowed. */
export class CohortNotification implements Notification {
  readonly #parts: CohortParts;
  readonly #event: Event;
  readonly #plan: Plan;
  #run: SharedRun = 'none';
  /** Who waits for the run that is under way. */
  #waiting: Set<Subscriber> | undefined;
  #abort: AbortController | undefined;

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
    if (this.#waiting === undefined) return;
    const isLast = this.#waiting.delete(subscriber) && this.#waiting.size === 0;
    if (!isLast || this.#abort === undefined) return;
    this.#abort.abort();
    // A member whose turn comes later needs a run of its own time, not what is left of this one.
    this.#abort = undefined;
    this.#run = 'none';
  }

  #shared(subscriber: Subscriber, own: OwnRun | undefined): Rendered | Promise<Rendered> {
    const run = this.#run === 'none' ? this.#start(subscriber) : this.#run;
    if (!(run instanceof Promise)) return this.#finish(run.outcome, subscriber, own);
    this.#waiting ??= new Set();
    this.#waiting.add(subscriber);
    return run.then((outcome) => {
      if (this.#run === run) this.#run = { outcome };
      this.#waiting?.delete(subscriber);
      return this.#finish(outcome, subscriber, own);
    });
  }

  #finish(
    outcome: SharedOutcome,
    subscriber: Subscriber,
    own: OwnRun | undefined,
  ): Rendered | Promise<Rendered> {
    if (outcome !== NOT_SHAREABLE) return outcome;
    if (subscriber.isEnded) return undefined;
    return (own ?? new OwnRun(this.#parts, subscriber, this.#event)).run();
  }

  /** The definition is the same for all: it belongs to the field. */
  #start({ source }: Subscriber): Exclude<SharedRun, 'none'> {
    this.#parts.stats.computed += 1;
    const made = this.#parts.runner.runShared(this.#plan, source.definition, {
      payload: this.#event.payload(),
      signal: () => {
        this.#abort ??= new AbortController();
        return this.#abort.signal;
      },
    });
    this.#run = made instanceof Promise ? made : { outcome: made };
    return this.#run;
  }
}
