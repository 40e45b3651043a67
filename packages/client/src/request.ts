import type { OperationPayload, ResultPayload } from '@groupcast/protocol';
import { ClientError } from './errors.ts';
import type { Operation, Operations } from './operations.ts';
import { Timer } from './timer.ts';

/** Executes a query or mutation, at most once; resolves with its result, errors included. */
export function request(
  operations: Operations,
  payload: OperationPayload,
  queueTimeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<ResultPayload> {
  return new Promise((resolve, reject) => {
    const queued = new Timer();
    const operation: Operation = {
      id: '',
      isAnswered: false,
      payload,
      isRepeatable: false,
      signal,
      abort: () =>
        operations.stop(
          operation,
          new ClientError('ABORTED', 'It was aborted', { cause: signal?.reason }),
        ),
      sent: () => queued.clear(),
      // Only what is repeatable is held back for that.
      refused: () => {},
      next: resolve,
      ended(error = new ClientError('NO_RESULT', 'It ended without a result')) {
        queued.clear();
        reject(error);
      },
    };
    queued.set(queueTimeoutMs, () =>
      operations.stop(
        operation,
        new ClientError('NOT_CONNECTED', 'It was not sent in time', { retryable: true }),
      ),
    );
    operations.start(operation);
  });
}
