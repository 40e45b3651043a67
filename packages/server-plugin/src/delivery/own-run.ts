import { FailedPayload } from '../subscription/failed-payload.ts';
import { isPromiseLike } from '../subscription/promise-like.ts';
import { chain } from './chain.ts';
import type { DeliveryLog } from './delivery-log.ts';
import type { Event, Rendered, Subscriber } from './notification.ts';
import type { Runner } from './runner.ts';

/** What is counted on the way from payloads to results, since the start. */
export interface DeliveryStats {
  filterErrors: number;
  /** Runs of a document, whether for one subscriber or for all who share it. */
  computed: number;
  /** Those of them that graphql had no part in. */
  compiled: number;
}

/** What every {@link OwnRun} needs. */
export interface OwnRunParts {
  readonly runner: Runner;
  readonly log: DeliveryLog;
  /** Makes the context of one notification; absent: that of the operation serves all. */
  readonly renewContext: ((context: unknown) => unknown) | undefined;
  readonly stats: DeliveryStats;
}

/** The context of one notification, or why there is none. */
type OwnContext = { readonly context: unknown } | { readonly error: unknown };

/** One event for one subscriber: with its own context, in its own asynchronous context. */
export class OwnRun {
  readonly #parts: OwnRunParts;
  readonly #subscriber: Subscriber;
  readonly #payload: unknown;
  #context: OwnContext | Promise<OwnContext> | undefined;

  constructor(parts: OwnRunParts, subscriber: Subscriber, event: Event) {
    this.#parts = parts;
    this.#subscriber = subscriber;
    this.#payload = event.payload();
  }

  /** Whether the payload concerns the subscriber. A filter that fails withholds it. */
  passes(): boolean | Promise<boolean> {
    const { definition, args } = this.#subscriber.source;
    const { filter } = definition;
    if (filter === undefined) return true;
    return this.#subscriber.runInContext(() =>
      chain(this.#ownContext(), (own) => {
        // Whether it concerns the subscriber can't be told without a context.
        if ('error' in own) return this.#failed(own.error);
        try {
          const passes = filter(this.#payload, args, own.context);
          return isPromiseLike(passes) ? this.#settled(passes) : Boolean(passes);
        } catch (error) {
          return this.#failed(error);
        }
      }),
    );
  }

  /** Publishes and executes. Never throws or rejects. */
  run(): Rendered | Promise<Rendered> {
    const { plan, source } = this.#subscriber;
    return this.#subscriber.runInContext(() =>
      chain(this.#ownContext(), (own) => {
        if (this.#subscriber.isEnded) return undefined;
        this.#parts.stats.computed += 1;
        return this.#parts.runner.run(plan, {
          payload: 'error' in own ? new FailedPayload(own.error) : this.#payload,
          context: 'error' in own ? source.context : own.context,
          signal: () => this.#subscriber.signal,
        });
      }),
    );
  }

  #ownContext(): OwnContext | Promise<OwnContext> {
    this.#context ??= this.#renewed();
    return this.#context;
  }

  #renewed(): OwnContext | Promise<OwnContext> {
    const { context } = this.#subscriber.source;
    const { renewContext } = this.#parts;
    if (renewContext === undefined) return { context };
    try {
      const renewed = renewContext(context);
      if (!isPromiseLike(renewed)) return { context: renewed };
      return Promise.resolve(renewed).then(
        (made) => ({ context: made }),
        (error: unknown) => ({ error }),
      );
    } catch (error) {
      return { error };
    }
  }

  async #settled(passes: PromiseLike<unknown>): Promise<boolean> {
    try {
      return Boolean(await passes);
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): false {
    const { log, stats } = this.#parts;
    stats.filterErrors += 1;
    log.error(
      { err: error, field: this.#subscriber.plan.field },
      'filter() failed: the notification is withheld',
    );
    return false;
  }
}
