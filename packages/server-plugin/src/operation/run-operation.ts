import { OperationTypeNode } from 'graphql';
import { HookResultInvalidError } from '../errors.ts';
import { answer } from './answer.ts';
import type { DeliveryGate } from './delivery-gate.ts';
import type { Operation } from './operation.ts';
import type { FailureStage } from './operation-client.ts';
import type { OperationServices } from './operation-services.ts';
import { type PreparedOperation, queryText } from './prepare.ts';
import { isPromiseLike } from './promise-like.ts';
import { subscribe } from './subscribe.ts';

/** What it takes to run one operation. */
export interface OperationRun {
  readonly operation: Operation;
  readonly services: OperationServices;
  readonly gate: DeliveryGate;
}

/** An operation that is valid and has its context. */
export interface ReadyOperation extends OperationRun {
  readonly prepared: PreparedOperation;
  readonly context: unknown;
}

/**
 * Takes an operation from its start to its result, or to the point where its events flow.
 *
 * @returns settles when a query or mutation was answered, a subscription is live, or neither came
 *   to be; never rejects: what fails ends the operation
 */
export async function runOperation(run: OperationRun): Promise<void> {
  const { operation, services } = run;
  try {
    operation.query = queryText(operation.sentQuery);
    const replied = operation.client.beforeOperation(operation);
    const override: unknown = isPromiseLike(replied) ? await replied : replied;
    if (operation.isEnded) return;
    replaceQuery(operation, override);
    const prepared = services.preparation.prepare(operation.query, operation.operationName);
    if ('stage' in prepared) return failOperation(run, prepared.stage, prepared.errors);
    const isSubscription = prepared.operation.operation === OperationTypeNode.SUBSCRIPTION;
    if (isSubscription) services.pending.begin(operation);
    const made = operation.client.createContext(operation);
    const context = isPromiseLike(made) ? await made : made;
    if (operation.isEnded) return;
    const ready = { ...run, prepared, context };
    await (isSubscription ? subscribe(ready) : answer(ready));
  } catch (error) {
    failOperation(run, 'request', [error]);
  } finally {
    services.pending.finish(operation);
  }
}

/** Ends an operation with errors, masked and logged as the app wants. */
export function failOperation(
  { operation, services }: OperationRun,
  stage: FailureStage,
  errors: readonly unknown[],
): void {
  if (operation.isEnded) return;
  operation.fail({ stage, errors: services.delivery.maskErrors(errors, operation.client.log) });
}

function replaceQuery(operation: Operation, override: unknown): void {
  if (override === undefined || override === null) return;
  if (typeof override !== 'object') {
    throw new HookResultInvalidError('onOperation', `a value of type ${typeof override}`);
  }
  const unknownKey = Object.keys(override).find((key) => key !== 'query');
  if (unknownKey !== undefined) {
    throw new HookResultInvalidError('onOperation', `the unknown key "${unknownKey}"`);
  }
  if (!('query' in override) || override.query === undefined) return;
  if (typeof override.query !== 'string') {
    throw new HookResultInvalidError('onOperation', 'a query that is no string');
  }
  operation.query = override.query;
}
