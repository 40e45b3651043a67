import type { FormattedError, ResultPayload } from '@groupcast/protocol';

import { describeOperation, type MockOperation } from './mock-operation.ts';
import type { OperationCore } from './operation-core.ts';
import { toFormattedError } from './payloads.ts';

/**
 * What answers the operations of one name: a result, or a function that gives one.
 *
 * The result of a query or mutation ends it; that of a subscription is its first event. A function
 * that gives nothing leaves the answer to the test. What it throws becomes the operation's error.
 * A subscription is confirmed when its function has returned.
 */
export type MockHandler =
  | ResultPayload
  | ((
      operation: MockOperation,
    ) => ResultPayload | undefined | void | Promise<ResultPayload | undefined | void>);

/** Handlers by the names of operations; one without a name goes by its first field. */
export type MockHandlers = Readonly<Record<string, MockHandler>>;

/**
 * Answers an operation as its handler wants it; never rejects.
 *
 * @param remark - takes what the handler throws: nobody else is told when the operation has ended
 */
export async function answer(
  core: OperationCore,
  handler: MockHandler,
  remark: (text: string) => void,
): Promise<void> {
  try {
    const result = typeof handler === 'function' ? await handler(core.handle) : handler;
    // The client or the handler itself may have ended it meanwhile.
    if (!core.isRunning) return;
    if (result) core.result(result);
    else core.confirm();
  } catch (thrown) {
    const error = toFormattedError(thrown);
    const { number } = core.handle.connection;
    const [firstLine] = error.message.split('\n', 1);
    remark(`#${number} the handler of ${describeOperation(core)} threw: ${firstLine}`);
    failWith(core, error);
  }
}

function failWith(core: OperationCore, error: FormattedError): void {
  try {
    core.error([error]);
  } catch {
    // Something beside its message can't be written as JSON.
    core.error([{ message: error.message }]);
  }
}

/** What a query or mutation is told that nobody answers. */
export function unanswered(core: OperationCore, names: readonly string[]): FormattedError {
  const others =
    names.length === 0
      ? 'there are none at all'
      : `there are some for ${names.map((name) => JSON.stringify(name)).join(', ')}`;
  return { message: `The mock server has no handler for ${describeOperation(core)}; ${others}` };
}
