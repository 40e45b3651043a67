import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { isPromiseLike } from '../subscription/promise-like.ts';
import { SKIP_SIGNAL } from '../subscription/skip.ts';
import type { ShareKey, SubscriptionDefinition } from '../subscription/subscription-definition.ts';
import { chain } from './chain.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { resolveProperty } from './field-resolver.ts';
import { executeOperation } from './graphql-api.ts';
import type { Rendered } from './notification.ts';
import { type Plan, variablesOfRun } from './plan.ts';
import type { ResultWriter } from './result-writer.ts';
import type { Trust } from './trust.ts';
import { type RunFlag, unclaimedContext } from './unclaimed-context.ts';

/** A shared result, or the finding that there can be none. */
export type SharedOutcome = { readonly rendered: Rendered } | 'not-shareable';

/** What {@link Runner} is made of. */
export interface RunnerOptions {
  readonly schema: GraphQLSchema;
  readonly writer: ResultWriter;
  readonly trust: Trust;
  readonly log: DeliveryLog;
  /** Runs in the asynchronous context of the plugin's registration. */
  readonly runInContext: <R>(fn: () => R) => R;
}

/** What a run is for: the root value, the context, and when it is of no use any more. */
export interface Run {
  readonly payload: unknown;
  readonly context: unknown;
  readonly signal: () => AbortSignal;
}

/** Executes a plan on one payload, for one subscriber or for a whole cohort. */
export class Runner {
  readonly #options: RunnerOptions;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Runs for one subscriber, with its own context. Never throws or rejects. */
  run(plan: Plan, run: Run): Rendered | Promise<Rendered> {
    return this.#execute(plan, run, (result) => this.#render(result));
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
        ? this.#runSaid(plan, definition, { ...run, key: plan.sharing.key })
        : this.#runProven(plan, run),
    );
  }

  #runProven(plan: Plan, run: Omit<Run, 'context'>): SharedOutcome | Promise<SharedOutcome> {
    const flag: RunFlag = { reason: undefined, field: undefined };
    const context = unclaimedContext(flag);
    return this.#execute<SharedOutcome>(plan, { ...run, context }, (result) => {
      if (flag.reason === undefined) return { rendered: this.#render(result) };
      // Whatever it returned: it may have swallowed the throw.
      this.#options.trust.withdraw(plan, flag);
      return 'not-shareable';
    });
  }

  #runSaid(
    plan: Plan,
    definition: SubscriptionDefinition,
    { key, ...run }: Omit<Run, 'context'> & { readonly key: ShareKey },
  ): SharedOutcome | Promise<SharedOutcome> {
    const failed = (error: unknown): SharedOutcome => {
      const details = { err: error, field: plan.field, key };
      this.#options.log.error(details, 'shareBy.context() failed: the event is run per subscriber');
      return 'not-shareable';
    };
    const execute = (context: unknown): SharedOutcome | Promise<SharedOutcome> =>
      this.#execute<SharedOutcome>(plan, { ...run, context }, (result) => ({
        rendered: this.#render(result),
      }));
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

  #execute<R>(
    plan: Plan,
    { payload, context, signal }: Run,
    finish: (result: ExecutionResult) => R,
  ): R | Promise<R> {
    try {
      const result = executeOperation({
        schema: this.#options.schema,
        document: plan.document,
        operationName: plan.operationName,
        rootValue: payload,
        contextValue: context,
        variableValues: variablesOfRun(plan),
        fieldResolver: resolveProperty,
        signal,
      });
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
