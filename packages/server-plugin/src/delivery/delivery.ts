import { AsyncResource } from 'node:async_hooks';
import type { DocumentNode, ExecutionResult, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { applyMiddleware, type Middleware } from './apply-middleware.ts';
import { CohortNotification, type CohortParts } from './cohort-notification.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { explainSharing, type SharingExplanation } from './explain-sharing.ts';
import { resolveProperty } from './field-resolver.ts';
import { executeOperation } from './graphql-api.ts';
import { ErrorMask, type MaskErrors } from './mask-errors.ts';
import type { Event, Notification, Rendered, Subscriber } from './notification.ts';
import { type DeliveryStats, OwnRun } from './own-run.ts';
import type { Plan, PlanRequest } from './plan.ts';
import { Planner } from './planner.ts';
import { ResultWriter } from './result-writer.ts';
import { Runner } from './runner.ts';
import { Trust } from './trust.ts';

/** What {@link Delivery} is made of. */
export interface DeliveryOptions {
  /** The schema as the app gave it. */
  readonly schema: GraphQLSchema;
  readonly middleware: readonly Middleware[];
  readonly maskErrors: MaskErrors;
  readonly renewContext?: ((context: never) => unknown) | undefined;
  readonly log: DeliveryLog;
}

/** One event of a plain source, for one subscriber. */
export interface PlainEvent {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: { readonly [name: string]: unknown } | undefined;
  readonly event: unknown;
  readonly context: unknown;
  readonly signal: () => AbortSignal;
  readonly log: DeliveryLog;
}

/** From payloads to results as JSON text; decides who may share one. */
export class Delivery {
  /** The schema to validate and execute on: the app's, with middleware applied. */
  readonly schema: GraphQLSchema;
  readonly stats: DeliveryStats = { filterErrors: 0, computed: 0, compiled: 0 };
  readonly #options: DeliveryOptions;
  readonly #mask: ErrorMask;
  readonly #writer: ResultWriter;
  readonly #trust: Trust;
  readonly #runner: Runner;
  readonly #parts: CohortParts;
  readonly #planner: Planner;

  constructor(options: DeliveryOptions) {
    const { log, middleware, maskErrors, schema } = options;
    // As AsyncLocalStorage.snapshot(), which takes eight times as long on Node 20.
    const registration = new AsyncResource('GroupcastRegistration');
    this.#options = options;
    this.schema = applyMiddleware(schema, middleware);
    this.#mask = new ErrorMask(maskErrors);
    this.#writer = new ResultWriter(this.#mask, log);
    this.#trust = new Trust(log);
    this.#runner = new Runner({
      schema: this.schema,
      writer: this.#writer,
      trust: this.#trust,
      log,
      runInContext: (fn) => registration.runInAsyncScope(fn),
      stats: this.stats,
    });
    this.#planner = new Planner({ schema, executed: this.schema, middleware, log });
    this.#parts = {
      runner: this.#runner,
      trust: this.#trust,
      log,
      // What the app's function says of its parameter is between it and `context`.
      renewContext: options.renewContext as ((context: unknown) => unknown) | undefined,
      stats: this.stats,
    };
  }

  /** Plans what a subscriber gets: once, after its `subscribe` has succeeded. */
  plan(request: PlanRequest): Plan {
    return this.#planner.plan(request);
  }

  /** Takes an event on its way to the members of one cohort, who all have this plan or an equal one. */
  notification(event: Event, plan: Plan): Notification {
    return new CohortNotification(this.#parts, event, plan);
  }

  /** Renders a payload that was made for one subscriber; no filter is asked. */
  renderOwn(subscriber: Subscriber, payload: unknown): Rendered | Promise<Rendered> {
    return new OwnRun(this.#parts, subscriber, { payload: () => payload }).run();
  }

  /** Executes a subscription's document on one event of a plain source. */
  async renderEvent(request: PlainEvent): Promise<string> {
    const { renewContext } = this.#parts;
    const context = renewContext ? await renewContext(request.context) : request.context;
    const result = await executeOperation({
      schema: this.schema,
      document: request.document,
      operationName: request.operationName,
      rootValue: request.event,
      contextValue: context,
      variableValues: request.variables,
      fieldResolver: resolveProperty,
      signal: request.signal,
    });
    return this.#writer.write(result, request.log);
  }

  /** Writes the result of a query or mutation as JSON text. */
  formatResult(result: ExecutionResult, log: DeliveryLog): string {
    return this.#writer.write(result, log);
  }

  /** Formats errors for a client; what is none of the client's is logged and masked. */
  maskErrors(errors: readonly unknown[], log: DeliveryLog): readonly GraphQLFormattedError[] {
    return this.#mask.format(errors, log);
  }

  /**
   * Says field by field whether subscribers of a document share results.
   *
   * @throws `GROUPCAST_ERR_DOCUMENT_UNEXPLAINABLE` for a document that is no group subscription
   */
  explainSharing(
    document: string,
    { operationName }: { readonly operationName?: string } = {},
  ): SharingExplanation {
    return explainSharing({
      schema: this.#options.schema,
      text: document,
      operationName,
      trust: this.#trust,
      analyse: (subject) => this.#planner.analyse(subject),
    });
  }
}
