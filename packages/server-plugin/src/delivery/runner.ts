import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { fastPaths } from '../fast-paths.ts';
import { isPromiseLike } from '../subscription/promise-like.ts';
import { type Published, withPublished } from '../subscription/published.ts';
import { SKIP_SIGNAL } from '../subscription/skip.ts';
import type { ShareKey, SubscriptionDefinition } from '../subscription/subscription-definition.ts';
import { chain } from './chain.ts';
import { GivenUp } from './compiled/given-up.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { resolveProperty } from './field-resolver.ts';
import { executeOperation, isExecutionTraced } from './graphql-api.ts';
import type { Rendered } from './notification.ts';
import type { DeliveryStats } from './own-run.ts';
import type { Plan } from './plan.ts';
import type { ResultWriter } from './result-writer.ts';
import type { Trust } from './trust.ts';
import { type RunFlag, unclaimedContext } from './unclaimed-context.ts';
import { variablesOfRun } from './variables.ts';

/** Found out while a result was made that was to be shared: each needs its own. */
export const NOT_SHAREABLE: unique symbol = Symbol('groupcast.not-shareable');

/** A shared result, or the finding that there can be none. */
export type SharedOutcome = Rendered | typeof NOT_SHAREABLE;

/** What {@link Runner} is made of. */
export interface RunnerOptions {
  readonly schema: GraphQLSchema;
  readonly writer: ResultWriter;
  readonly trust: Trust;
  readonly log: DeliveryLog;
  readonly stats: DeliveryStats;
  /** Runs in the asynchronous context of the plugin's registration. */
  readonly runInContext: <R>(fn: () => R) => R;
}

/** What a run is for: the root value, the context, and when it is of no use any more. */
export interface Run {
  readonly payload: unknown;
  readonly context: unknown;
  readonly signal: () => AbortSignal;
}

/** What graphql is given: a run, and what `publish` has given for it, if it was called before. */
interface Execution extends Run {
  readonly published: Published | undefined;
}

/** Executes a plan on one payload, for one subscriber or for a whole cohort. */
export class Runner {
  readonly #options: RunnerOptions;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Runs for one subscriber, with its own context. Never throws or rejects. */
  run(plan: Plan, run: Run): Rendered | Promise<Rendered> {
    const attempt = this.#attempt(plan, run.payload, run.context);
    return this.#complete(attempt, (published) =>
      this.#execute(plan, { ...run, published }, (result) => this.#render(result)),
    );
  }

  /** Runs for all members of a cohort, with the context of none. Never throws or rejects. */
  runShared(
    plan: Plan,
    definition: SubscriptionDefinition,
    run: Omit<Run, 'context'>,
  ): SharedOutcome | Promise<SharedOutcome> {
    const { runInContext } = this.#options;
    return runInContext(() =>
      plan.sharing.kind === 'said'
        ? this.#runSaid(plan, definition, run, plan.sharing.key)
        : this.#runProven(plan, run),
    );
  }

  #runProven(plan: Plan, run: Omit<Run, 'context'>): SharedOutcome | Promise<SharedOutcome> {
    // Without a context: the proof is that `publish` can't receive it, and nothing else is called.
    const attempt = this.#attempt(plan, run.payload, undefined);
    return this.#complete(attempt, (published) => this.#executeProven(plan, run, published));
  }

  #executeProven(
    plan: Plan,
    run: Omit<Run, 'context'>,
    published: Published | undefined,
  ): SharedOutcome | Promise<SharedOutcome> {
    const flag: RunFlag = { reason: undefined, field: undefined };
    const context = unclaimedContext(flag);
    return this.#execute<SharedOutcome>(plan, { ...run, context, published }, (result) => {
      if (flag.reason === undefined) return this.#render(result);
      // Whatever it returned: it may have swallowed the throw.
      this.#options.trust.withdraw(plan, flag);
      return NOT_SHAREABLE;
    });
  }

  #runSaid(
    plan: Plan,
    definition: SubscriptionDefinition,
    run: Omit<Run, 'context'>,
    key: ShareKey,
  ): SharedOutcome | Promise<SharedOutcome> {
    const failed = (error: unknown): SharedOutcome => {
      const details = { err: error, field: plan.field, key };
      this.#options.log.error(details, 'shareBy.context() failed: the event is run per subscriber');
      return NOT_SHAREABLE;
    };
    const execute = (context: unknown): SharedOutcome | Promise<SharedOutcome> =>
      this.run(plan, { ...run, context });
    let context: unknown;
    try {
      context = definition.shareBy?.context(key);
    } catch (error) {
      return failed(error);
    }
    return isPromiseLike(context)
      ? Promise.resolve(context).then(execute, failed)
      : execute(context);
  }

  /** The compiled way, where there is one. */
  #attempt(
    { compiled }: Plan,
    payload: unknown,
    context: unknown,
  ): Rendered | GivenUp | Promise<Rendered | GivenUp> {
    const mayTry = compiled !== undefined && fastPaths.compiledExecution && !isExecutionTraced();
    return mayTry ? compiled.run(payload, context) : GivenUp.BEFORE_PUBLISH;
  }

  #complete<R>(
    attempt: Rendered | GivenUp | Promise<Rendered | GivenUp>,
    execute: (published: Published | undefined) => R | Promise<R>,
  ): Rendered | R | Promise<Rendered | R> {
    const { stats } = this.#options;
    return chain(attempt, (made): Rendered | R | Promise<R> => {
      if (made instanceof GivenUp) return execute(made.published);
      stats.compiled += 1;
      return made;
    });
  }

  #execute<R>(
    plan: Plan,
    { payload, context, signal, published }: Execution,
    finish: (result: ExecutionResult) => R,
  ): R | Promise<R> {
    try {
      const result = withPublished(published, () =>
        executeOperation({
          schema: this.#options.schema,
          document: plan.document,
          operationName: plan.operationName,
          rootValue: payload,
          contextValue: context,
          variableValues: variablesOfRun(plan.variables),
          fieldResolver: resolveProperty,
          signal,
        }),
      );
      return chain(result, finish);
    } catch (error) {
      // Resolvers can't get here, their throws are results: the executor itself refused.
      return finish(this.#options.writer.failure(error));
    }
  }

  #render(result: ExecutionResult): Rendered {
    if (result.errors?.some(isSkip)) return undefined;
    return this.#options.writer.write(result);
  }
}

/** How often what wraps a resolver may have put its own error around what was thrown. */
const MOST_WRAPPINGS = 8;

/** Whether an error is the signal of `SKIP`, or was made of it by a wrapper that translates errors. */
function isSkip(error: unknown): boolean {
  let inner = error;
  try {
    for (let depth = 0; depth <= MOST_WRAPPINGS && inner instanceof Error; depth += 1) {
      if (inner === SKIP_SIGNAL) return true;
      inner = 'originalError' in inner && inner.originalError ? inner.originalError : inner.cause;
    }
  } catch {
    // A property of the app's own error threw: it is no signal of ours.
  }
  return false;
}
