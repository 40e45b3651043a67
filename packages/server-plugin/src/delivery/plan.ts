import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { GroupSource } from '../subscription/group-source.ts';
import type { ShareKey } from '../subscription/subscription-definition.ts';
import type { SharingReport } from './analyse-sharing.ts';

/** Why subscribers may share a result, or that they may not. */
export type Sharing =
  /** No function of the run can see who asks. */
  | { readonly kind: 'proven'; readonly report: SharingReport }
  /** The app said that equal keys mean equal results. */
  | { readonly kind: 'said'; readonly key: ShareKey }
  | { readonly kind: 'never' };

/** What one subscriber asked for: all that its results depend on, but for the payload. */
export interface Plan {
  readonly field: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  /** The values of the declared variables, as the client sent them. */
  readonly variables: { readonly [name: string]: unknown };
  readonly sharing: Sharing;
  /** Subscribers of a group with equal keys get equal results. */
  readonly cohortKey: unknown;
}

/** A subscription whose `subscribe` has succeeded. */
export interface PlanRequest {
  readonly source: GroupSource;
  readonly field: string;
  /** Names the document; equal keys mean equal documents. */
  readonly documentKey: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables?: { readonly [name: string]: unknown };
}

/** The values of the variables that an operation declares; a client may send more. */
export function declaredVariables({ operation, variables = {} }: PlanRequest): {
  readonly [name: string]: unknown;
} {
  const declared: Record<string, unknown> = {};
  for (const { variable } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    // Not `in`: a variable may be called `constructor`.
    if (Object.hasOwn(variables, name)) define(declared, name, variables[name]);
  }
  return declared;
}

/**
 * The variables of one run.
 *
 * Scalars may hand on values as they are: what a function does to one must not be there in the next run.
 */
export function variablesOfRun({ variables }: Plan): { readonly [name: string]: unknown } {
  const isFlat = Object.values(variables).every(
    (value) => typeof value !== 'object' || value === null,
  );
  return isFlat ? variables : structuredClone(variables);
}

/** Not an assignment: a variable may be called `__proto__`. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/**
 * The key of a cohort that may have more than one member. As JSON, so that its parts can't run together.
 *
 * @returns a key of its own, which no other subscriber has, where JSON can't tell the variables apart
 * @throws RangeError when variables are nested deeper than JSON can be written, though not than it can be read
 */
export function sharedCohortKey(
  { documentKey, field, operation }: PlanRequest,
  variables: { readonly [name: string]: unknown },
  key: ShareKey | undefined,
): string | symbol {
  const parts = [
    documentKey,
    field,
    operation.name?.value ?? null,
    variables,
    key === undefined ? null : [typeof key, Object.is(key, -0) ? '-0' : String(key)],
  ];
  let isExact = true;
  const text = JSON.stringify(parts, (_name, value: unknown) => {
    if (typeof value === 'number' && !isExactInJson(value)) isExact = false;
    return value;
  });
  return isExact ? text : Symbol(field);
}

/** `1e400` is read as Infinity and written as null, `-0` is written as 0: they would join other cohorts. */
function isExactInJson(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
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
