import { AsyncLocalStorage } from 'node:async_hooks';
import type {
  DocumentNode,
  ExecutionResult,
  GraphQLFormattedError,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import { isPromiseLike } from '../subscription/promise-like.ts';
import type { ShareKey, SubscriptionDefinition } from '../subscription/subscription-definition.ts';
import { analyseSharing, type SharingReport } from './analyse-sharing.ts';
import { applyMiddleware, type Middleware } from './apply-middleware.ts';
import { CohortNotification, type CohortParts } from './cohort-notification.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { explainSharing, type SharingExplanation } from './explain-sharing.ts';
import { resolveProperty } from './field-resolver.ts';
import { executeOperation } from './graphql-api.ts';
import { ErrorMask, type MaskErrors } from './mask-errors.ts';
import type { Event, Notification, Rendered, Subscriber } from './notification.ts';
import { type DeliveryStats, OwnRun } from './own-run.ts';
import {
  declaredVariables,
  isShareKey,
  type Plan,
  type PlanRequest,
  type Sharing,
  sharedCohortKey,
} from './plan.ts';
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
  readonly stats: DeliveryStats = { filterErrors: 0, computed: 0 };
  readonly #options: DeliveryOptions;
  readonly #mask: ErrorMask;
  readonly #writer: ResultWriter;
  readonly #trust: Trust;
  readonly #runner: Runner;
  readonly #parts: CohortParts;
  readonly #reports = new WeakMap<OperationDefinitionNode, SharingReport>();

  constructor(options: DeliveryOptions) {
    const { log, middleware, maskErrors, schema } = options;
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
      runInContext: AsyncLocalStorage.snapshot(),
    });
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
    // A copy: the subscriber's own arguments may hold the very objects that its client sent.
    const variables = structuredClone(declaredVariables(request));
    const sharing = this.#decide(request);
    return {
      field: request.field,
      document: request.document,
      operationName: request.operation.name?.value,
      variables,
      sharing,
      cohortKey:
        sharing.kind === 'never'
          ? Symbol(request.field)
          : sharedCohortKey(request, variables, sharing.kind === 'said' ? sharing.key : undefined),
    };
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
      analyse: (subject) => this.#analyse(subject.document, subject.operation, subject.definition),
    });
  }

  #decide({ document, operation, source }: PlanRequest): Sharing {
    const { definition } = source;
    if (!definition.share) return { kind: 'never' };
    if (definition.shareBy !== undefined) {
      const key = this.#shareKey(definition, source.context, source.info.fieldName);
      return key === undefined ? { kind: 'never' } : { kind: 'said', key };
    }
    const report = this.#analyse(document, operation, definition);
    return report.isShareable ? { kind: 'proven', report } : { kind: 'never' };
  }

  #shareKey(
    definition: SubscriptionDefinition,
    context: unknown,
    field: string,
  ): ShareKey | undefined {
    try {
      const key: unknown = definition.shareBy?.key(context);
      if (isShareKey(key)) return key;
      // Objects of all subscribers have the same text: as keys they would let everyone share.
      this.#options.log.warn(
        { field, type: typeof key },
        'shareBy.key() gave no string, number, bigint or boolean: the subscriber shares with nobody',
      );
      // Of an async function the promise is all that is used: its failure is no news.
      if (isPromiseLike(key)) Promise.resolve(key).catch(() => undefined);
      return undefined;
    } catch (error) {
      this.#options.log.error(
        { err: error, field },
        'shareBy.key() failed: the subscriber shares with nobody',
      );
      return undefined;
    }
  }

  #analyse(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    definition: SubscriptionDefinition,
  ): SharingReport {
    const known = this.#reports.get(operation);
    if (known !== undefined) return known;
    const { middleware, schema } = this.#options;
    const report = analyseSharing({ schema, middleware, document, operation, definition });
    this.#reports.set(operation, report);
    return report;
  }
}
