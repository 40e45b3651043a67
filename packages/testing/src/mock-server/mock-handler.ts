import type { FormattedError, JsonObject, ResultPayload } from '@groupcast/protocol';

import { describeOperation, type MockOperation } from './mock-operation.ts';
import type { OperationCore } from './operation-core.ts';

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

/** Answers an operation as its handler wants it; never rejects. */
export async function answer(
  core: OperationCore,
  operation: MockOperation,
  handler: MockHandler,
): Promise<void> {
  try {
    const result = typeof handler === 'function' ? await handler(operation) : handler;
    // The client or the handler itself may have ended it meanwhile.
    if (!core.isRunning) return;
    if (result) core.result(result);
    else core.confirm();
  } catch (error) {
    core.error([toFormattedError(error)]);
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

function toFormattedError(error: unknown): FormattedError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message } = error;
  // By its name: there may be several copies of graphql, and here is none.
  if (error.name !== 'GraphQLError' || !('extensions' in error)) return { message };
  const extensions: JsonObject = Object(error.extensions);
  return { message, ...(Object.keys(extensions).length > 0 && { extensions }) };
}
