import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { GroupSource } from '../subscription/group-source.ts';
import type { ShareKey } from '../subscription/subscription-definition.ts';
import type { SharingReport } from './analyse-sharing.ts';
import type { CompiledPlan } from './compiled/compiled-plan.ts';
import { isFlat, type Variables } from './variables.ts';

/** Why subscribers may share a result, or that they may not. */
export type Sharing =
  /** No function of the run can see who asks. */
  | { readonly kind: 'proven'; readonly report: SharingReport }
  /** The app said that equal keys mean equal results. */
  | { readonly kind: 'said'; readonly key: ShareKey }
  | { readonly kind: 'never' };

/** What one subscriber asked for, or several: all that results depend on, but for the payload. */
export interface Plan {
  readonly field: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  /** The values of the declared variables, as the client sent them. */
  readonly variables: Variables;
  readonly sharing: Sharing;
  /** Subscribers of a group with equal keys get equal results. */
  readonly cohortKey: unknown;
  /** Absent when all runs are graphql's. */
  readonly compiled: CompiledPlan | undefined;
}

/** A subscription whose `subscribe` has succeeded. */
export interface PlanRequest {
  readonly source: GroupSource;
  readonly field: string;
  /** Names the document; equal keys mean equal documents. */
  readonly documentKey: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables?: Variables;
}

/**
 * The key of a cohort that may have more than one member. As JSON, so that its parts can't run together.
 *
 * @returns undefined where JSON can't tell the variables apart
 * @throws RangeError when variables are nested deeper than JSON can be written, though not than it can be read
 */
export function sharedCohortKey(
  { documentKey, field, operation }: PlanRequest,
  variables: Variables,
  key: ShareKey | undefined,
): string | undefined {
  const parts = [
    documentKey,
    field,
    operation.name?.value ?? null,
    variables,
    key === undefined ? null : [typeof key, Object.is(key, -0) ? '-0' : String(key)],
  ];
  if (isFlat(variables)) {
    return Object.values(variables).every(isExactInJson) ? JSON.stringify(parts) : undefined;
  }
  let isExact = true;
  const text = JSON.stringify(parts, (_name, value: unknown) => {
    isExact &&= isExactInJson(value);
    return value;
  });
  return isExact ? text : undefined;
}

/** `1e400` is read as Infinity and written as null, `-0` is written as 0: they would join other cohorts. */
function isExactInJson(value: unknown): boolean {
  return typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0));
}

/** Whether a value can name those who share: one that is equal to itself and to no other by its text. */
export function isShareKey(key: unknown): key is ShareKey {
  switch (typeof key) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return true;
    case 'number':
      return !Number.isNaN(key);
    default:
      return false;
  }
}
