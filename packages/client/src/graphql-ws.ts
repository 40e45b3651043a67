import type { JsonObject } from '@groupcast/protocol';
import type { Client, Result, Untyped } from './client.ts';
import { ClientError, GraphQLResponseError } from './errors.ts';
import { type OperationKind, operationKind } from './operation-kind.ts';
import type { RequestOptions } from './options.ts';
import { callApp } from './report.ts';

/** An operation, as clients of `graphql-ws` are given it. */
export interface GraphqlWsPayload {
  /** Empty or absent for a persisted operation. */
  readonly query?: string | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: JsonObject | null | undefined;
  readonly extensions?: JsonObject | null | undefined;
  /** What a persisted operation is, since it has no text that says so: without it it is refused. */
  readonly operationKind?: OperationKind | undefined;
}

/** One response of the server as it came. */
export interface GraphqlWsResult<D = Untyped, X = unknown> extends Omit<Result<D>, 'extensions'> {
  readonly extensions?: X;
}

/** Callbacks for one operation; never called before `subscribe()` has returned. */
export interface GraphqlWsSink<T = unknown> {
  next(value: T): void;
  /** The end by a {@link ClientError}, or by the server's errors: then it is their array. */
  error(error: unknown): void;
  /** The normal end: also by the disposer, and of subscriptions when the client closes. */
  complete(): void;
}

/** The shape of the client of the npm package `graphql-ws`. */
export interface GraphqlWsClient {
  /** `connecting`: with whether it dials again after a connection, or an attempt, was lost. */
  on(event: 'connecting', listener: (isRetry: boolean) => void): () => void;
  /** `connected`: if it is again, subscriptions may have missed events. There is no socket. */
  on(
    event: 'connected',
    listener: (socket: undefined, ack: JsonObject | undefined, wasRetry: boolean) => void,
  ): () => void;
  /**
   * - `opened`: with undefined, right before `connected`
   * - `closed`: with `{ code, reason }`, when a connection has ended or was not made; 1000 when no
   *   operation needs it any more
   * - `error`: with the {@link ClientError}, when the client has given up; before `closed`
   */
  on(event: 'opened' | 'closed' | 'error', listener: (detail: unknown) => void): () => void;
  /** Never called: the client tells nobody of its messages. */
  on(event: 'ping' | 'pong' | 'message', listener: (...args: never[]) => void): () => void;
  /**
   * Executes an operation of any kind. Subscriptions come back after a reconnect, queries and
   * mutations are sent once at most.
   *
   * @returns ends it; `complete` follows
   */
  subscribe<D = Untyped, X = unknown>(
    payload: GraphqlWsPayload,
    sink: GraphqlWsSink<GraphqlWsResult<D, X>>,
  ): () => void;
  /** As `subscribe`, from the first `next()` on; throws a {@link GraphQLResponseError} too. */
  iterate<D = Untyped, X = unknown>(
    payload: GraphqlWsPayload,
  ): AsyncIterableIterator<GraphqlWsResult<D, X>>;
  /** Closes the client for good: `close` of {@link Client}. */
  dispose(): Promise<void>;
  /** Dials anew: `reconnect` of {@link Client}. */
  terminate(): void;
}

/** Gives a client the shape that `GraphQLWsLink` of Apollo, urql and Relay are used with. */
export function toGraphqlWsClient(client: Client): GraphqlWsClient {
  return {
    on: createOn(client),
    subscribe: (payload, sink) => {
      const disposing = new AbortController();
      void pump(resultsOf(client, payload, disposing.signal), sink, disposing.signal);
      return () => disposing.abort();
    },
    iterate<D, X>(payload: GraphqlWsPayload) {
      const disposing = new AbortController();
      const results = resultsOf<D, X>(client, payload, disposing.signal);
      const end = results.return.bind(results, undefined);
      // A generator lets nobody pass a `next` that waits, so that has to be stopped first.
      const stop = () => {
        disposing.abort();
        return end();
      };
      return Object.assign(results, { return: stop });
    },
    dispose: () => client.close(),
    terminate: () => client.reconnect(),
  };
}

/** The results of an operation, typed as the caller says; begun when the first is asked for. */
async function* resultsOf<D, X>(
  client: Client,
  payload: GraphqlWsPayload,
  signal: AbortSignal,
): AsyncGenerator<GraphqlWsResult<D, X>, undefined> {
  const query = payload.query ?? '';
  const variables = payload.variables ?? undefined;
  const options = { signal, ...optionsOf(payload) };
  const kind = operationKind(query, options.operationName) ?? payload.operationKind;
  const isSubscription = kind === 'subscription';
  const wasClosed = client.status.name === 'closed';
  try {
    if (!kind && !query) {
      throw new ClientError('DOCUMENT_INVALID', 'Without text, give `operationKind`');
    }
    if (!isSubscription) {
      yield (await client.execute<D>(query, variables, options)) as GraphqlWsResult<D, X>;
    } else {
      const results = client.subscribe<D>(query, variables, options).results();
      for await (const result of results) yield result as GraphqlWsResult<D, X>;
    }
  } catch (error) {
    const isClosing = error instanceof ClientError && error.code === 'CLIENT_CLOSED';
    // Who closes the client wants no more events; what became of a mutation is another matter.
    if (!signal.aborted && (!isSubscription || wasClosed || !isClosing)) throw error;
  }
}

function optionsOf({ operationName, extensions }: GraphqlWsPayload): RequestOptions {
  return { ...(operationName && { operationName }), ...(extensions && { extensions }) };
}

/** Hands results to a sink, and then says how they ended. */
async function pump<T>(
  results: AsyncIterable<T>,
  sink: GraphqlWsSink<T>,
  signal: AbortSignal,
): Promise<void> {
  // What the sink throws is the app's own mistake: an unhandled rejection, and no end of this.
  const next = async (result: T): Promise<void> => sink.next(result);
  try {
    for await (const result of results) if (!signal.aborted) void next(result);
  } catch (error) {
    return sink.error(error instanceof GraphQLResponseError ? error.errors : error);
  }
  sink.complete();
}

/** Makes `on`: its listeners are told what a change of the status means. */
function createOn(client: Client): GraphqlWsClient['on'] {
  const listeners = new Set<readonly [event: string, listener: (...args: never[]) => void]>();
  const emit = (event: string, ...args: unknown[]): void => {
    // What is emitted below is what the overloads promise of each event.
    for (const [own, listener] of listeners) {
      if (own === event) void callApp(() => listener(...(args as never[])));
    }
  };
  let { status } = client;
  let isRetry = status.name === 'connecting' && status.attempt > 0;
  client.on('status', (now) => {
    const before = status.name;
    status = now;
    const error = 'error' in now && now.error.code !== 'CLIENT_CLOSED' ? now.error : undefined;
    if (now.name === 'closed' && error) emit('error', error);
    if ((before === 'connecting' || before === 'open') && now.name !== 'open') {
      const code = error ? (error.closeCode ?? 1006) : 1000; // 1000: this side closed it
      emit('closed', { code, reason: error?.message ?? '' });
    }
    if (now.name === 'connecting') {
      isRetry = before !== 'idle' && before !== 'closed';
      emit('connecting', isRetry);
    } else if (now.name === 'open') {
      emit('opened', undefined);
      emit('connected', undefined, now.ack, isRetry);
    }
  });
  return (event: string, listener: (...args: never[]) => void) => {
    const entry = [event, listener] as const;
    listeners.add(entry);
    return () => void listeners.delete(entry);
  };
}
