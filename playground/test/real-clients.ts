import { createClient } from 'graphql-ws';
import { SubscriptionClient } from 'subscriptions-transport-ws';
import { WebSocket } from 'ws';

/** A result as both libraries hand it over. */
export interface Result {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string }[] | undefined;
  readonly extensions?: unknown;
}

/** What is told of an operation. */
export interface Sink {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

/** An operation as both libraries take it. */
export interface Payload {
  readonly query: string;
  readonly extensions?: Record<string, unknown>;
}

/** What the tests need of a client library. It connects at once, and again when it is cut off. */
export interface RealClient {
  /** Starts an operation; the result stops it. */
  start(payload: Payload, sink: Sink): () => void;
  /** Resolves when the server has refused the connection, with the reason that the library tells. */
  readonly refused: Promise<string>;
  close(): void;
}

/** Connects with the library graphql-ws. */
export function connectGraphqlWs(url: string, connectionParams: { name: string }): RealClient {
  const { promise: refused, resolve: refuse } = promiseOf<string>();
  const client = createClient({
    url,
    connectionParams,
    webSocketImpl: WebSocket,
    lazy: false,
    retryWait: async () => undefined,
    onNonLazyError: () => undefined,
    on: {
      closed: (event) => {
        if (isRefusal(event)) refuse(event.reason);
      },
    },
  });
  return {
    start: (payload, sink) => client.subscribe(payload, sink),
    refused,
    close: () => void client.dispose(),
  };
}

/** Connects with the library subscriptions-transport-ws. */
export function connectLegacy(url: string, connectionParams: { name: string }): RealClient {
  const { promise: refused, resolve: refuse } = promiseOf<string>();
  const connectionCallback = (error: unknown) => {
    if (error instanceof Object && 'message' in error) refuse(String(error.message));
  };
  const client = new SubscriptionClient(
    url,
    { reconnect: true, connectionParams, connectionCallback },
    WebSocket,
  );
  return {
    start: (payload, sink) => {
      const { unsubscribe } = client.request({ ...payload }).subscribe(sink);
      return unsubscribe;
    },
    refused,
    close: () => client.close(),
  };
}

function isRefusal(event: unknown): event is { readonly code: 4403; readonly reason: string } {
  return event instanceof Object && 'code' in event && event.code === 4403;
}

function promiseOf<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
