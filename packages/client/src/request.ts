import type { OperationPayload, ResultPayload } from '@groupcast/protocol';
import { ClientError, type ClientErrorCode } from './errors.ts';
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
    const fail = (code: ClientErrorCode, message: string, cause?: unknown): void =>
      operations.end(operation, new ClientError(code, message, { cause }));
    const operation: Operation = {
      payload,
      signal,
      abort: () => fail('ABORTED', 'It was aborted', signal?.reason),
      sent: () => queued.clear(),
      next: resolve,
      ended(error = new ClientError('NO_RESULT', 'It ended without a result')) {
        queued.clear();
        reject(error);
      },
    };
    queued.set(queueTimeoutMs, () => fail('NOT_CONNECTED', 'It was not sent in time'));
    operations.start(operation);
  });
}
