import {
  type ClientCompleteMessage,
  type ClientMessage,
  CloseCode,
  closeReasons,
  type FormattedError,
  type JsonObject,
  type SubscribeMessage,
  subscriberAlreadyExists,
  type Violation,
  type WireId,
} from '@groupcast/protocol';
import type { FastifyRequest } from 'fastify';
import { HookResultInvalidError } from '../errors.ts';
import { isPromiseLike } from '../operation/promise-like.ts';
import type { Connection } from './connection.ts';
import { type Admission, readConnectResult } from './connection-hooks.ts';
import type { CancelDeadline } from './deadlines.ts';
import { EarlyMessages, type OperationMessage } from './early-messages.ts';

/** A close that was ordered by a tag while the connection's tags were not known. */
interface DisconnectOrder {
  readonly tag: string;
  readonly code: number;
  readonly reason: string;
}

const NO_TAGS: readonly string[] = [];

/** What a client says, message by message, and what it leads to. */
export class Conversation {
  readonly #connection: Connection;
  /** Let go after `onConnect`: an idle connection keeps no request. */
  #request: FastifyRequest | undefined;
  #tags = NO_TAGS;
  #cancelInitTimeout: CancelDeadline | undefined;
  #cancelExpiry: CancelDeadline | undefined;
  /** Absent while there are none. */
  #early: EarlyMessages | undefined;
  #disconnectOrders: DisconnectOrder[] | undefined;
  /** Of the message that is being taken. */
  #receivedLength = 0;

  constructor(connection: Connection, request: FastifyRequest) {
    this.#connection = connection;
    this.#request = request;
    const { deadlines, settings } = connection.services;
    if (settings.connectionInitTimeoutMs === 0) return;
    this.#cancelInitTimeout = deadlines.after(settings.connectionInitTimeoutMs, () =>
      connection.close(
        CloseCode.CONNECTION_INITIALISATION_TIMEOUT,
        closeReasons.CONNECTION_INITIALISATION_TIMEOUT,
      ),
    );
  }

  /** Closes the connection when it has this tag, or will have it after a pending `onConnect`. */
  disconnectTagged(tag: string, code: number, reason: string): void {
    const { name } = this.#connection.state;
    if (name === 'initialising') {
      this.#disconnectOrders ??= [];
      this.#disconnectOrders.push({ tag, code, reason });
    } else if (this.#tags.includes(tag)) {
      this.#connection.close(code, reason);
    }
  }

  /** Takes one frame; undefined stands for a binary one. */
  receive(text: string | undefined): void {
    this.#receivedLength = text?.length ?? 0;
    try {
      const message = this.#connection.dialect.decode(text);
      if (message.type === 'violation') this.#answerViolation(message);
      else this.#take(message);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Stops its timers and forgets what it held. */
  stop(): void {
    this.#stopInitTimeout();
    this.#cancelExpiry?.();
    this.#request = undefined;
    this.#early = undefined;
    this.#disconnectOrders = undefined;
  }

  #take(message: ClientMessage): void {
    const connection = this.#connection;
    switch (message.type) {
      case 'connection_init':
        return this.#init(message.payload);
      case 'connection_terminate':
        return connection.close(CloseCode.NORMAL, 'Terminated by the client');
      case 'ping': {
        const pong = connection.dialect.encodePong(message.payload);
        if (pong !== undefined) connection.send(pong);
        return;
      }
      case 'pong':
        return;
      case 'subscribe':
        return this.#subscribe(message);
      case 'complete':
        return this.#complete(message);
      default:
        return message satisfies never;
    }
  }

  #init(payload: JsonObject | undefined): void {
    const connection = this.#connection;
    if (connection.state.name !== 'awaiting-init') {
      if (connection.dialect.secondInit === 'ignore') {
        return connection.log.debug({ connection: connection.app.id }, 'Second init is ignored');
      }
      return connection.close(
        CloseCode.TOO_MANY_INITIALISATION_REQUESTS,
        closeReasons.TOO_MANY_INITIALISATION_REQUESTS,
      );
    }
    // Stops with the arrival of the message: a slow onConnect is not the client's fault.
    this.#stopInitTimeout();
    connection.advance('initialising');
    if (payload !== undefined) connection.app.params = payload;
    this.#decide();
  }

  /** Also lets go of it: a timer that was stopped keeps as much as one that runs. */
  #stopInitTimeout(): void {
    this.#cancelInitTimeout?.();
    this.#cancelInitTimeout = undefined;
  }

  /** Asks the app; at once when its `onConnect` is synchronous. */
  #decide(): void {
    const connection = this.#connection;
    const { onConnect } = connection.services.hooks;
    const request = this.#request;
    this.#request = undefined;
    if (onConnect === undefined || request === undefined) return this.#answered(undefined);
    try {
      const answer: unknown = onConnect(connection.app, request);
      if (isPromiseLike(answer)) void this.#answeredLater(answer);
      else this.#answered(answer);
    } catch (error) {
      this.#connectFailed(error);
    }
  }

  async #answeredLater(answer: PromiseLike<unknown>): Promise<void> {
    try {
      this.#answered(await answer);
    } catch (error) {
      this.#connectFailed(error);
    }
  }

  /** @throws HookResultInvalidError when the app may not answer so */
  #answered(answer: unknown): void {
    if (this.#connection.state.name !== 'initialising') return;
    this.#conclude(readConnectResult(answer));
  }

  #connectFailed(error: unknown): void {
    const connection = this.#connection;
    if (connection.state.name === 'initialising') return this.#refuseAfter(error);
    const details = { err: error, connection: connection.app.id };
    connection.log.debug(details, 'onConnect() failed after the connection was closed');
  }

  #conclude(admission: Admission | undefined): void {
    try {
      if (admission === undefined) this.#refuse(closeReasons.FORBIDDEN);
      else this.#admit(admission);
    } catch (error) {
      this.#fail(error);
    }
  }

  #admit(admission: Admission): void {
    const connection = this.#connection;
    const order = this.#disconnectOrders?.find(({ tag }) => admission.tags.includes(tag));
    this.#disconnectOrders = undefined;
    if (order !== undefined) return connection.close(order.code, order.reason);
    const { expiresAt } = admission;
    if (expiresAt !== undefined && expiresAt <= Date.now()) {
      return this.#refuse(closeReasons.FORBIDDEN);
    }
    const ack = connection.dialect.encodeAck(admission.ack);
    if (admission.state !== undefined) connection.app.state = admission.state;
    this.#tags = admission.tags.length === 0 ? NO_TAGS : admission.tags;
    // Ready before the ack: a client may answer it before this tick is over.
    connection.advance('ready');
    connection.send(ack);
    if (connection.wantsKa) connection.sendKa();
    this.#closeAt(expiresAt);
    const early = this.#early?.release() ?? [];
    this.#early = undefined;
    for (const message of early) this.#take(message);
  }

  #closeAt(expiresAt: number | undefined): void {
    if (expiresAt === undefined) return;
    const { deadlines } = this.#connection.services;
    this.#cancelExpiry = deadlines.after(Math.max(0, expiresAt - Date.now()), () =>
      this.#connection.close(CloseCode.FORBIDDEN, closeReasons.FORBIDDEN),
    );
  }

  #refuseAfter(error: unknown): void {
    const connection = this.#connection;
    const details = { err: error, connection: connection.app.id };
    if (error instanceof HookResultInvalidError) {
      connection.log.error(details, 'onConnect() returned something that it may not');
      return connection.close(CloseCode.INTERNAL_SERVER_ERROR, 'Internal server error');
    }
    // By its name: an app may have a second copy of graphql.
    if (error instanceof Error && error.name === 'GraphQLError') return this.#refuse(error.message);
    connection.log.warn(details, 'onConnect() failed: the connection is refused');
    this.#refuse(closeReasons.FORBIDDEN);
  }

  #refuse(reason: string): void {
    this.#closeWithError(CloseCode.FORBIDDEN, reason);
  }

  #subscribe(message: SubscribeMessage): void {
    const connection = this.#connection;
    const { name } = connection.state;
    if (name === 'initialising' && connection.dialect.earlyOperations === 'hold') {
      return this.#hold(message);
    }
    if (name !== 'ready') {
      return this.#closeWithError(CloseCode.UNAUTHORIZED, closeReasons.UNAUTHORIZED);
    }
    if (connection.operations.has(message.id)) {
      if (connection.dialect.idInUse === 'close') {
        return connection.close(
          CloseCode.SUBSCRIBER_ALREADY_EXISTS,
          subscriberAlreadyExists(message.id),
        );
      }
      // A `complete` would be taken for the end of the new one.
      connection.operations.stop(message.id, { type: 'silent' });
    }
    connection.operations.start(message);
  }

  #hold(message: OperationMessage): void {
    this.#early ??= new EarlyMessages(this.#connection.services.settings);
    if (this.#early.hold(message, this.#receivedLength)) return;
    this.#refuseOperation(message.wireId, {
      message: 'Too many operations before the acknowledgement',
      extensions: { code: 'TOO_MANY_OPERATIONS' },
    });
  }

  /** Says that a message failed under its id; an operation that had the id has ended by that. */
  #refuseOperation(wireId: WireId, error: FormattedError): void {
    const { operations } = this.#connection;
    const id = String(wireId);
    this.#early?.forget(id);
    operations.stop(id, { type: 'silent' });
    this.#connection.sendFailure(wireId, { stage: 'request', errors: [error] });
  }

  #complete(message: ClientCompleteMessage): void {
    const connection = this.#connection;
    const { name } = connection.state;
    if (name === 'initialising' && connection.dialect.earlyOperations === 'hold') {
      this.#hold(message);
    } else if (name === 'ready') {
      const ending = connection.dialect.answersStop ? 'complete' : 'silent';
      connection.operations.stop(message.id, { type: ending });
    }
  }

  #answerViolation(violation: Violation): void {
    const connection = this.#connection;
    switch (violation.answer) {
      case 'close':
        return connection.close(violation.code, violation.reason);
      case 'operation-error':
        return this.#refuseOperation(violation.id, { message: violation.reason });
      case 'connection-error': {
        const frame = connection.dialect.encodeConnectionError({ message: violation.reason });
        if (frame !== undefined) connection.send(frame);
        return;
      }
      default:
        return violation satisfies never;
    }
  }

  #closeWithError(code: number, reason: string): void {
    const frame = this.#connection.dialect.encodeConnectionError({ message: reason });
    if (frame !== undefined) this.#connection.send(frame);
    this.#connection.close(code, reason);
  }

  /** Whatever was thrown while a message was taken; operations catch their own. */
  #fail(error: unknown): void {
    const connection = this.#connection;
    connection.log.error(
      { err: error, connection: connection.app.id },
      'Message could not be taken',
    );
    connection.close(CloseCode.INTERNAL_SERVER_ERROR, 'Internal server error');
  }
}
