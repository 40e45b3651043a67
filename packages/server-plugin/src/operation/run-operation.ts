import { OperationTypeNode } from 'graphql';
import { chain } from '../delivery/chain.ts';
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
 *   to be; undefined when that is so already. Never throws or rejects: what fails ends the operation
 */
export function runOperation(run: OperationRun): Promise<void> | undefined {
  const { pending } = run.services;
  try {
    const rest = begin(run);
    if (isPromiseLike(rest)) return awaited(run, rest);
  } catch (error) {
    failOperation(run, 'request', [error]);
  }
  pending.finish(run.operation);
  return undefined;
}

async function awaited(run: OperationRun, rest: PromiseLike<void>): Promise<void> {
  try {
    await rest;
  } catch (error) {
    failOperation(run, 'request', [error]);
  } finally {
    run.services.pending.finish(run.operation);
  }
}

function begin(run: OperationRun): void | Promise<void> {
  const { operation } = run;
  operation.query = queryText(operation.sentQuery);
  return chain(operation.client.beforeOperation(operation), (override) => {
    if (operation.isEnded) return undefined;
    replaceQuery(operation, override);
    return prepareAndExecute(run);
  });
}

function prepareAndExecute(run: OperationRun): void | Promise<void> {
  const { operation, services } = run;
  const prepared = services.preparation.prepare(operation.query, operation.operationName);
  if ('stage' in prepared) return failOperation(run, prepared.stage, prepared.errors);
  operation.forgetSent(prepared.document.text);
  const isSubscription = prepared.operation.operation === OperationTypeNode.SUBSCRIPTION;
  if (isSubscription) services.pending.begin(operation);
  return chain(operation.client.createContext(operation), (context) => {
    if (operation.isEnded) return undefined;
    const { gate } = run;
    const ready = { operation, services, gate, prepared, context };
    return isSubscription ? subscribe(ready) : answer(ready);
  });
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
