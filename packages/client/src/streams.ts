import type { ResultPayload } from '@groupcast/protocol';
import type { Observer, Result, Stream, Subscription } from './client.ts';
import { ClientError, GraphQLResponseError } from './errors.ts';
import { callApp } from './report.ts';
import type { SubscriptionOperation } from './subscription-operation.ts';

type Read<T> = (result: ResultPayload) => T;

/** What the app gets for an operation: streams of data, or of whole results. */
export function createSubscription<R>(operation: SubscriptionOperation): Subscription<R> {
  const { abort } = operation;
  return {
    ...streamOf(operation, dataOf<R>),
    get ready() {
      return operation.ready;
    },
    results: () => streamOf(operation, resultOf<R>),
    unsubscribe: abort,
    [Symbol.asyncDispose]: async () => abort(),
  };
}

/**
 * The data of a result, typed as its document says: the server checks that, nobody here does.
 *
 * @throws GraphQLResponseError when the result has errors
 */
export function dataOf<R>(result: ResultPayload): R {
  if (result.errors) throw new GraphQLResponseError(result);
  return result.data as R;
}

/** The whole result, its data typed as its document says. */
export function resultOf<R>(result: ResultPayload): Result<R> {
  return result as Result<R>;
}

function streamOf<T>(operation: SubscriptionOperation, read: Read<T>): Stream<T> {
  const { abort } = operation;
  const iterate = (): AsyncIterableIterator<T, undefined> => {
    operation.claim();
    return Object.assign(valuesOf(operation, read), {
      // Stops at once: a generator that waits would first want its next result.
      return: async () => {
        abort();
        return { done: true, value: undefined } as const;
      },
    });
  };
  return {
    [Symbol.asyncIterator]: iterate,
    subscribe: (observer) => {
      void observe(operation, iterate(), observer);
      return { unsubscribe: abort };
    },
  };
}

async function* valuesOf<T>(
  operation: SubscriptionOperation,
  read: Read<T>,
): AsyncGenerator<T, undefined> {
  try {
    for (;;) {
      const result = await operation.take();
      // What was taken before it was stopped is not handed over after that.
      if (!result || operation.isStopped) return undefined;
      yield read(result);
    }
  } finally {
    operation.end();
  }
}

async function observe<T>(
  operation: SubscriptionOperation,
  values: AsyncIterable<T>,
  observer: Observer<T>,
): Promise<void> {
  try {
    for await (const value of values) {
      // It was taken before, and is handed over now.
      if (!operation.isStopped) void callApp(() => observer.next?.(value));
    }
    if (!operation.isStopped) void callApp(() => observer.complete?.());
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (operation.isStopped) return;
    if (observer.error) void callApp(() => observer.error?.(error));
    // As an unhandled rejection. Who closes the client knows.
    else if (error.code !== 'CLIENT_CLOSED') throw error;
  }
}
