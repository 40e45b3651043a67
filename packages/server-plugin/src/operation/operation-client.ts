import type { FormattedError, WireId } from '@groupcast/protocol';
import type { OperationInfo } from './operation-info.ts';

/**
 * Where an operation failed as a whole. The subprotocols answer them in different ways.
 *
 * - `syntax`: the text is no GraphQL document
 * - `validation`: the document breaks a validation rule
 * - `request`: anything else before execution (unknown operation name, variables, hooks, limits)
 * - `subscribe`: the subscription's `subscribe` threw, or its groups could not be joined
 * - `source`: the stream of events failed after it had begun
 */
export type FailureStage = 'syntax' | 'validation' | 'request' | 'subscribe' | 'source';

/** An operation that failed as a whole, with the errors that its client is told. */
export interface OperationFailure {
  readonly stage: FailureStage;
  readonly errors: readonly FormattedError[];
}

/** How an operation's end is told to its client. */
export type Ending =
  | { readonly type: 'silent' }
  | { readonly type: 'complete' }
  | { readonly type: 'failure'; readonly failure: OperationFailure };

/** Someone who waits until a client takes more. */
export interface Wakeable {
  /** Called once; the client may be full again by then. */
  wake(): void;
}

/** The logger that operations and their hooks write to; Fastify's loggers fit. */
export interface OperationLog {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** What an operation needs of the client it answers to. One per connection. */
export interface OperationClient {
  readonly log: OperationLog;
  /** What it is told for the case that the server dies without a word. */
  readonly slot: { readonly retryAfterMs: number };
  /** Calls the app's `onOperation`; whatever it returns or throws is passed on. */
  beforeOperation(operation: OperationInfo): unknown;
  /** Calls the app's `context`; a promise when that is asynchronous. */
  createContext(operation: OperationInfo): unknown;
  /** Whether the outbox is below its mark, so that more may be produced for this client. */
  readonly isWritable: boolean;
  /** Wakes `waiting` once, when `isWritable` turns true; never after the connection closed. */
  onceWritable(waiting: Wakeable): void;
  /** Forgets `waiting`, if it waits. */
  forget(waiting: Wakeable): void;
  sendNext(id: WireId, resultJson: string): void;
  sendFailure(id: WireId, failure: OperationFailure): void;
  sendComplete(id: WireId): void;
}
