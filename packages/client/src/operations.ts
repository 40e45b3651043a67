import type { OperationPayload, ResultPayload } from '@groupcast/protocol';
import type { Connection, OperationMessage } from './connection.ts';
import { type ClientError, GraphQLResponseError } from './errors.ts';
import { Timer } from './timer.ts';

/** A message of ours was too big or broken, or its id in use. */
const OUR_FAULT = /1007|1009|4400|4409/;

/** One operation of the app, across connections. */
export interface Operation {
  /** Its id on every connection, given when it starts; another one when the server could not begin it. */
  id?: string;
  /** Whether the server has it on the present connection. */
  isSent?: boolean;
  /** Whether the server has ever said anything about it. */
  isAnswered?: boolean;
  readonly payload: OperationPayload;
  readonly signal: AbortSignal | undefined;
  /** Called when the signal fires. */
  abort(): void;
  sent(): void;
  /**
   * The server could not begin it now: it was not sent, as far as anybody missed anything. Only what
   * may be sent again has this; all else fails when its connection is lost.
   */
  refused?(): void;
  next(result: ResultPayload): void;
  /** It has ended, with an error or by itself; called once, last. */
  ended(error?: ClientError): void;
}

/** Who makes connections for operations. */
export interface Connector {
  /** An operation has come. */
  need(operation: Operation): void;
  /** The last operation has gone. */
  rest(): void;
}

/** The operations of a client, and their ids. Calls no function of the app. */
export class Operations {
  /** How long to wait when the connection ends without a close frame, as its server has said. */
  retryAfterMs = 0;
  readonly #connector: Connector;
  readonly #retryDelayMs: (attempt: number) => number;
  readonly #all = new Map<string | undefined, Operation>();
  /** For those that the server could not begin. */
  readonly #retry = new Timer();
  #connection: Connection | undefined;
  #lastId = 0;

  constructor(connector: Connector, retryDelayMs: (attempt: number) => number) {
    this.#connector = connector;
    this.#retryDelayMs = retryDelayMs;
  }

  get isEmpty(): boolean {
    return !this.#all.size;
  }

  /** Takes an operation: sends it, or keeps it until there is a connection. */
  start(operation: Operation): void {
    const { abort, signal } = operation;
    this.#add(operation);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) return abort();
    this.#connector.need(operation);
    this.#send(operation);
  }

  /** Ends an operation, and tells the server. Nothing happens when it has ended. */
  end(operation: Operation, error?: ClientError): void {
    const { id, isSent, signal, abort } = operation;
    if (!this.#all.delete(id)) return;
    if (id && isSent) this.#connection?.send({ type: 'complete', id });
    signal?.removeEventListener('abort', abort);
    operation.ended(error);
    if (this.isEmpty) this.#connector.rest();
  }

  /** Sends all that waits on a connection, and what comes later; without one all waits. */
  use(connection: Connection | undefined): void {
    this.#connection = connection;
    this.retryAfterMs = 0;
    this.#retry.clear();
    this.#sendWaiting();
  }

  received(message: OperationMessage): void {
    const { type, id } = message;
    const operation = this.#all.get(`${id}`);
    if (!operation?.isSent) return;
    operation.isAnswered = true;
    // Anything else is the last that the server says of it.
    operation.isSent = type === 'next';
    if (type === 'complete') return this.end(operation);
    const result = type === 'next' ? message.payload : { errors: message.payload };
    if ('data' in result) return operation.next(result);
    // Without data nothing was executed: legacy servers say so in a result of their own.
    const error = new GraphQLResponseError(result);
    if (!operation.refused || !error.retryable) return this.end(operation, error);
    // The server did not begin it, and may soon; or the next one does. More may come of this id.
    operation.isSent = false;
    this.#all.delete(operation.id);
    this.#add(operation);
    operation.refused();
    this.#retry.set(this.#retryDelayMs(2), this.#sendWaiting);
  }

  /** The connection is gone: what may not be sent again fails, or all of them at the end. */
  lost(error: ClientError, isEnd?: boolean): void {
    for (const operation of this.#all.values()) {
      const { isSent, isAnswered, refused } = operation;
      operation.isSent = false;
      // Those that were never answered may be at fault: one of them would end every connection.
      const isRepeatable = refused && (isAnswered || !OUR_FAULT.test(`${error.closeCode}`));
      if (isEnd || (isSent && !isRepeatable)) this.end(operation, error);
    }
  }

  #add(operation: Operation): void {
    this.#lastId += 1;
    operation.id = `${this.#lastId}`;
    this.#all.set(operation.id, operation);
  }

  readonly #sendWaiting = (): void => {
    for (const operation of this.#all.values()) this.#send(operation);
  };

  #send(operation: Operation): void {
    const { id, isSent, payload } = operation;
    if (!this.#connection || !id || isSent) return;
    operation.isSent = true;
    this.#connection.send({ type: 'subscribe', id, payload });
    operation.sent();
  }
}
