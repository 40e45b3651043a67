import type { ClientCodec, JsonObject } from '@groupcast/protocol';
import type { Continuity } from './continuity.ts';
import type { Print } from './document.ts';
import type { ClientError } from './errors.ts';
import type { WebSocketConstructor } from './web-socket.ts';

/** Why `params` is asked. */
export interface DialReason {
  /** 0 for the first dial, then the number of dials since the connection was last stable. */
  readonly attempt: number;
  /**
   * Why the last connection ended or could not be made; a `closeCode` of 4401 or 4403 asks for new
   * credentials. Stays the same while `params` itself fails.
   */
  readonly error: ClientError | undefined;
}

/** What `connection_init` carries: tokens and the like. */
export type Params = JsonObject;

/** How dead connections are found. */
export interface KeepAliveOptions {
  /** Milliseconds without a message until the server is asked for a sign of life. @default 12_000 */
  readonly intervalMs?: number;
  /** Milliseconds that it may take to answer. @default 5_000 */
  readonly timeoutMs?: number;
  /**
   * Legacy subprotocol: milliseconds without a message until the server counts as dead, once it has
   * sent a `ka`. @default 30_000
   */
  readonly kaTimeoutMs?: number;
}

/** Options of `createClient`. */
export interface ClientOptions {
  /**
   * Where the server is: `ws:`, `wss:`, `http:` or `https:`, in browsers also relative to the page.
   * A function is asked for each dial.
   */
  readonly url: string | URL | (() => string | URL | Promise<string | URL>);
  /**
   * The payload of `connection_init`. A function is asked for each dial, with the reason, so that a
   * token can be renewed. When it fails the dial counts as failed and is tried again, unless it
   * throws a `ClientError` that is not `retryable`: that gives up.
   */
  readonly params?: Params | ((reason: DialReason) => Params | Promise<Params>);
  /** What is offered, the preferred one first. @default [modern] */
  readonly protocols?: readonly ClientCodec[];
  /** The WebSocket implementation; the package `ws` in Node below 22. @default globalThis.WebSocket */
  readonly webSocket?: WebSocketConstructor;
  /**
   * Writes parsed documents as text, which must be given for them: `printDocument` of
   * `@groupcast/client/print`, or `print` of graphql-js.
   */
  readonly print?: Print;
  /** From asking `params` to the acknowledgement. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** How long a query or mutation may wait for a connection before it rejects. @default 30_000 */
  readonly queueTimeoutMs?: number;
  /** How long a connection without operations is kept; `Infinity` keeps it. @default 3_000 */
  readonly idleCloseMs?: number;
  /** `false` looks for no dead connections. */
  readonly keepAlive?: KeepAliveOptions | false;
  /** Dials in a row that may fail before everything is given up. @default Infinity */
  readonly retryAttempts?: number;
  /**
   * Milliseconds until the next dial, from the number of failures in a row (1, 2, …). A floor that
   * the server asks for is added, and the default stands for what is no number. Asked with 2 for a
   * subscription that the server can't begin now, too.
   * @default random: up to 1 s, then up to 8 s, then up to 30 s
   */
  readonly retryDelayMs?: (attempt: number) => number;
}

/** Options of one query or mutation. */
export interface RequestOptions {
  /** Firing rejects the promise with `ABORTED` and stops the operation on the server. */
  readonly signal?: AbortSignal;
  /** Which operation of the document, when it has several. */
  readonly operationName?: string;
  /** Sent beside the query; `groupcast` is this client's own key. */
  readonly extensions?: JsonObject;
}

/** Options of one subscription. */
export interface SubscribeOptions extends RequestOptions {
  /** Firing ends the subscription, as `unsubscribe()` does. */
  readonly signal?: AbortSignal;
  /**
   * Results that may wait until they are taken. More drop the oldest, and a gap is told before the
   * next one. @default 4_096
   */
  readonly bufferLimit?: number;
  /**
   * Told when the subscription is live, and whenever events may be missing; in order with the
   * results: all that it was called after are older, all that follow are newer.
   */
  readonly onContinuity?: (continuity: Continuity) => void;
}
