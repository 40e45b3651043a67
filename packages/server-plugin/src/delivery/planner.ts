import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { isPromiseLike } from '../subscription/promise-like.ts';
import type { ShareKey, SubscriptionDefinition } from '../subscription/subscription-definition.ts';
import { analyseSharing, type SharingReport } from './analyse-sharing.ts';
import type { Middleware } from './apply-middleware.ts';
import { CompiledOperation } from './compiled/compiled-operation.ts';
import { CompiledPlan } from './compiled/compiled-plan.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { isShareKey, type Plan, type PlanRequest, type Sharing, sharedCohortKey } from './plan.ts';
import { declaredVariables, isFlat, type Variables } from './variables.ts';
import { WeakValues } from './weak-values.ts';

/** What {@link Planner} is made of. */
export interface PlannerOptions {
  /** The schema as the app gave it. */
  readonly schema: GraphQLSchema;
  /** The schema that is executed: the same, with middleware applied. */
  readonly executed: GraphQLSchema;
  readonly middleware: readonly Middleware[];
  readonly log: DeliveryLog;
}

/** What an operation is analysed for: one field's definition. */
export interface AnalysisSubject {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly definition: SubscriptionDefinition;
}

/** Plans what subscribers get. Those who asked for the same, and may share it, have the same plan. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #reports = new WeakMap<OperationDefinitionNode, SharingReport>();
  readonly #compiled = new WeakMap<OperationDefinitionNode, CompiledOperation>();
  /** By cohort key. Weak: there is no end to the variables that clients can send. */
  readonly #plans = new WeakValues<Plan>();

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  plan(request: PlanRequest): Plan {
    const variables = declaredVariables(request.operation, request.variables);
    const sharing = this.#decide(request);
    if (sharing.kind === 'never') return this.#create(request, variables, sharing, undefined);
    const key = sharing.kind === 'said' ? sharing.key : undefined;
    const cohortKey = sharedCohortKey(request, variables, key);
    if (cohortKey === undefined) return this.#create(request, variables, sharing, undefined);
    const known = this.#plans.get(cohortKey);
    if (known !== undefined) return known;
    const plan = this.#create(request, variables, sharing, cohortKey);
    this.#plans.set(cohortKey, plan);
    return plan;
  }

  /** Judges the functions that an operation can lead to; once, since they do not change. */
  analyse({ document, operation, definition }: AnalysisSubject): SharingReport {
    const known = this.#reports.get(operation);
    if (known !== undefined) return known;
    const { middleware, schema } = this.#options;
    const report = analyseSharing({ schema, middleware, document, operation, definition });
    this.#reports.set(operation, report);
    return report;
  }

  #create(
    request: PlanRequest,
    declared: Variables,
    sharing: Sharing,
    cohortKey: string | undefined,
  ): Plan {
    // A copy: the subscriber's own arguments may hold the very objects that its client sent.
    const variables = isFlat(declared) ? declared : structuredClone(declared);
    const compiled = this.#compile(request);
    return {
      field: request.field,
      document: request.document,
      operationName: request.operation.name?.value,
      variables,
      sharing,
      cohortKey: cohortKey ?? Symbol(request.field),
      compiled: compiled && new CompiledPlan(compiled, variables),
    };
  }

  #compile({ document, operation, source }: PlanRequest): CompiledOperation | undefined {
    const { executed: schema, middleware } = this.#options;
    // It sees every field.
    if (middleware.length > 0) return undefined;
    const known = this.#compiled.get(operation);
    if (known !== undefined) return known;
    const { definition } = source;
    const compiled = new CompiledOperation({ schema, document, operation, definition });
    this.#compiled.set(operation, compiled);
    return compiled;
  }

  #decide({ document, operation, source }: PlanRequest): Sharing {
    const { definition } = source;
    if (!definition.share) return { kind: 'never' };
    if (definition.shareBy !== undefined) {
      const key = this.#shareKey(definition, source.context, source.field);
      return key === undefined ? { kind: 'never' } : { kind: 'said', key };
    }
    const report = this.analyse({ document, operation, definition });
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
}
