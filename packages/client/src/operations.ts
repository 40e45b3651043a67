import type { OperationPayload, ResultPayload } from '@groupcast/protocol';
import type { Connection, OperationMessage } from './connection.ts';
import { type ClientError, GraphQLResponseError } from './errors.ts';
import { Timer } from './timer.ts';

/** One operation of the app, across connections. */
export interface Operation {
  /** Its id on the connection; empty as long as it was not sent there. */
  id: string;
  /** Whether the server has ever said anything about it. */
  isAnswered: boolean;
  readonly payload: OperationPayload;
  /** Whether it is sent again on the next connection; what is not fails with this one. */
  readonly isRepeatable: boolean;
  readonly signal: AbortSignal | undefined;
  /** Called when the signal fires. */
  abort(): void;
  sent(): void;
  /** The server could not begin it now: it was not sent, as far as anybody missed anything. */
  refused(): void;
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

/** The operations of a client, and their ids on its connection. Calls no function of the app. */
export class Operations {
  readonly #connector: Connector;
  readonly #retryDelayMs: (attempt: number) => number;
  readonly #all = new Set<Operation>();
  readonly #byId = new Map<string, Operation>();
  readonly #retry = new Timer();
  #connection: Connection | undefined;
  #lastId = 0;
  /** How long to wait when the connection ends without a close frame, as its server has said. */
  retryAfterMs = 0;

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
    this.#all.add(operation);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) return abort();
    this.#connector.need(operation);
    this.#send(operation);
  }

  /** Ends an operation on this side's wish, and tells the server. Nothing happens when it has ended. */
  stop(operation: Operation, error?: ClientError): void {
    const { id } = operation;
    if (this.#byId.has(id)) this.#connection?.send({ type: 'complete', id, wireId: id });
    this.end(operation, error);
  }

  /** Ends an operation. Nothing happens when it has ended. */
  end(operation: Operation, error?: ClientError): void {
    this.#byId.delete(operation.id);
    if (!this.#all.delete(operation)) return;
    operation.signal?.removeEventListener('abort', operation.abort);
    operation.ended(error);
    if (this.isEmpty) this.#connector.rest();
  }

  /** Sends all that waits on a connection, and what comes later; without one all waits. */
  use(connection: Connection | undefined): void {
    this.#connection = connection;
    this.#retry.clear();
    // From 1 on each connection, so that the frames of one event are alike for many clients.
    this.#lastId = 0;
    this.retryAfterMs = 0;
    this.#sendWaiting();
  }

  received(message: OperationMessage): void {
    const operation = this.#byId.get(`${message.id}`);
    if (!operation) return;
    operation.isAnswered = true;
    if (message.type === 'complete') return this.end(operation);
    const isNext = message.type === 'next';
    const result: ResultPayload = isNext ? message.payload : { errors: message.payload };
    if ('data' in result) return operation.next(result);
    // Without data nothing was executed: legacy servers say so in a result of their own.
    const error = new GraphQLResponseError(result);
    if (operation.isRepeatable && error.retryable) this.#postpone(operation);
    else if (isNext) this.stop(operation, error);
    else this.end(operation, error);
  }

  /**
   * The connection is gone: what may not be sent again fails.
   *
   * @param isOurFault - by a message: then those that were never answered fail too, or one of them
   *   would end every connection
   */
  lost(error: ClientError, isOurFault?: boolean): void {
    this.use(undefined);
    this.#byId.clear();
    for (const operation of this.#all) {
      const isSuspect = isOurFault && !operation.isAnswered;
      if (operation.id && (isSuspect || !operation.isRepeatable)) this.end(operation, error);
      operation.id = '';
    }
  }

  /** Ends all of them. */
  fail(error: ClientError): void {
    this.lost(error);
    for (const operation of this.#all) this.end(operation, error);
  }

  #sendWaiting(): void {
    for (const operation of this.#all) if (!operation.id) this.#send(operation);
  }

  #send(operation: Operation): void {
    if (!this.#connection || !this.#all.has(operation)) return;
    this.#lastId += 1;
    const id = `${this.#lastId}`;
    this.#connection.send({ type: 'subscribe', id, wireId: id, payload: operation.payload });
    operation.id = id;
    this.#byId.set(id, operation);
    operation.sent();
  }

  /** The server did not begin it, and may soon; or the next one does. */
  #postpone(operation: Operation): void {
    this.#byId.delete(operation.id);
    operation.id = '';
    operation.refused();
    this.#retry.set(this.#retryDelayMs(2), () => this.#sendWaiting());
  }
}
