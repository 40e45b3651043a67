import type { ExecutionResult } from 'graphql';
import { chain } from '../delivery/chain.ts';
import { executeOperation } from '../delivery/graphql-api.ts';
import { failOperation, type ReadyOperation } from './run-operation.ts';

/** Executes a query or mutation and sends its one result; at once when its resolvers are synchronous. */
export function answer(ready: ReadyOperation): void | Promise<void> {
  const { operation, prepared, services, context } = ready;
  const startedAt = performance.now();
  operation.advance({ name: 'executing' });
  const executing = executeOperation({
    schema: services.delivery.schema,
    document: prepared.document.document,
    operationName: prepared.operation.name?.value,
    variableValues: operation.variables,
    contextValue: context,
    rootValue: undefined,
    signal: () => operation.signal,
  });
  return chain(executing, (result) => {
    warnWhenSlow(ready, performance.now() - startedAt);
    if (!operation.isEnded) send(ready, result);
  });
}

function send(ready: ReadyOperation, result: ExecutionResult): void {
  const { operation, services } = ready;
  // Without data the request itself was refused: its variables, for example.
  if (result.data === undefined) return failOperation(ready, 'request', result.errors ?? []);
  operation.next(services.delivery.formatResult(result, operation.client.log));
  operation.end('server', { type: 'complete' });
}

function warnWhenSlow({ operation, services }: ReadyOperation, durationMs: number): void {
  const { warnOperationMs } = services.settings;
  if (warnOperationMs === 0 || durationMs < warnOperationMs) return;
  operation.client.log.warn(
    {
      operationName: operation.operationName,
      id: operation.id,
      durationMs: Math.round(durationMs),
    },
    'Operation took long',
  );
}
