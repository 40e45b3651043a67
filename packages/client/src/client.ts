/// <reference lib="esnext.disposable" preserve="true" />

import type { FormattedError, JsonObject } from '@groupcast/protocol';
import type { Document, Rest } from './document.ts';
import type { ClientError } from './errors.ts';
import type { RequestOptions, SubscribeOptions } from './options.ts';
import type { ClientStatus } from './status.ts';

/** What a document without types gives. */
export type Untyped = Record<string, unknown>;

/** One response of the server as it came: data, errors, or both. */
export interface Result<R> {
  readonly data?: R | null;
  readonly errors?: readonly FormattedError[];
  readonly extensions?: JsonObject;
}

/** Callbacks of one consumer; never called before `subscribe()` has returned. */
export interface Observer<T> {
  next?(value: T): void;
  /**
   * The end because of an error; nothing follows. Without it the error is an unhandled rejection,
   * unless it is the client that was closed.
   */
  error?(error: ClientError): void;
  /** The normal end; nothing follows. */
  complete?(): void;
}

/** A stream with one consumer: a `for await` loop or an observer. */
export interface Stream<T> extends AsyncIterable<T> {
  /** Calls back for each value; the result ends the subscription, as often as it is called. */
  subscribe(observer: Observer<T>): { unsubscribe(): void };
}

/**
 * One subscription, begun by its first consumer or by asking for `ready`.
 *
 * As a stream it gives the data, and ends with a `GraphQLResponseError` on the first result that
 * has errors. It comes back by itself after a reconnect. Leaving a `for await` loop ends it.
 */
export interface Subscription<R> extends Stream<R>, AsyncDisposable {
  /**
   * Resolves when the server confirms that it is live: what is broadcast from then on is heard.
   * A server without that extension is taken to be live with its first result. Rejects when the
   * subscription ends before.
   */
  readonly ready: Promise<void>;
  /** The results as they came: those with errors too, and with partial data. They do not end it. */
  results(): Stream<Result<R>>;
  /** Ends it; loops over it end normally. */
  unsubscribe(): void;
}

/** A connection to one server, made when it is needed. */
export interface Client extends AsyncDisposable {
  /**
   * Executes a query.
   *
   * @returns the data
   * @throws GraphQLResponseError when the result has errors, ClientError when there is none
   */
  query<R = Untyped, V = Untyped>(
    document: Document<R, V>,
    ...rest: Rest<V, RequestOptions>
  ): Promise<R>;
  /** Executes a mutation, at most once: it is never sent again. Otherwise as `query`. */
  mutate<R = Untyped, V = Untyped>(
    document: Document<R, V>,
    ...rest: Rest<V, RequestOptions>
  ): Promise<R>;
  /**
   * Executes a query or mutation, and gives its result as it came: with errors, partial data and
   * extensions. Rejects only when there is none. Otherwise as `mutate`.
   */
  execute<R = Untyped, V = Untyped>(
    document: Document<R, V>,
    ...rest: Rest<V, RequestOptions>
  ): Promise<Result<R>>;
  /** Makes a subscription. Nothing is sent before it is used. */
  subscribe<R = Untyped, V = Untyped>(
    document: Document<R, V>,
    ...rest: Rest<V, SubscribeOptions>
  ): Subscription<R>;
  /** What the connection does now; the same object until it changes. */
  readonly status: ClientStatus;
  /** Calls back on each change, in its tick, with the new status; the result stops that. */
  on(event: 'status', listener: (status: ClientStatus) => void): () => void;
  /**
   * Dials anew, at once and with new `params`: after a login, for example. Subscriptions come back,
   * queries and mutations under way reject with `CONNECTION_LOST`.
   */
  reconnect(): void;
  /**
   * Ends everything for good: operations fail with `CLIENT_CLOSED`.
   *
   * @returns resolves when the socket is closed
   */
  close(): Promise<void>;
}
