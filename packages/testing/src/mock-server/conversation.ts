import type { IncomingMessage } from 'node:http';
import {
  type ClientCompleteMessage,
  type ClientMessage,
  CloseCode,
  closeReasons,
  cutReason,
  type FormattedError,
  type JsonObject,
  LEGACY,
  legacyServerCodec,
  MODERN,
  modernServerCodec,
  type PingMessage,
  type ServerCodec,
  type Subprotocol,
  type SubscribeMessage,
  serverCodecFor,
  subscriberAlreadyExists,
  type Violation,
} from '@groupcast/protocol';
import type { WebSocket } from 'ws';

import type { CloseEvent } from '../link.ts';
import type { Frame } from '../show-frame.ts';
import { MockConnection } from './mock-connection.ts';
import type { MockExpectations } from './mock-expectations.ts';
import type { MockOperation } from './mock-operation.ts';
import { ABNORMAL, type Line, MockSocket } from './mock-socket.ts';
import { OperationCore } from './operation-core.ts';
import type { MockServerOptions } from './options.ts';
import { toFormattedError } from './payloads.ts';

/** The life of a connection; it moves down this list only. */
export type ConversationState =
  | { readonly name: 'awaiting-init' }
  | { readonly name: 'initialising' }
  | { readonly name: 'ready' }
  /** The server has decided to close; nothing is read any more. */
  | { readonly name: 'closing'; readonly close: CloseEvent }
  | { readonly name: 'closed'; readonly close: CloseEvent };

/** What a conversation asks of the server. */
export interface ConversationHost {
  readonly expectations: MockExpectations;
  readonly line: Line;
  readonly onConnect: MockServerOptions['onConnect'];
  /** How clients are closed that initialise now; undefined when they are welcome. */
  refusal(): CloseEvent | undefined;
  /** Takes an operation that has just begun. */
  begin(operation: OperationCore): void;
  /** A conversation is over. */
  gone(conversation: Conversation): void;
}

/** An upgraded socket, before its first message can arrive. */
export interface ConversationParts {
  readonly webSocket: WebSocket;
  readonly request: IncomingMessage;
  readonly protocol: Subprotocol;
  readonly number: number;
}

/** What one client says, and what the rules of its subprotocol make of it. */
export class Conversation {
  readonly number: number;
  readonly protocol: Subprotocol;
  readonly request: IncomingMessage;
  readonly connection: MockConnection;
  readonly closed: Promise<CloseEvent>;
  params: JsonObject | undefined;
  readonly #codec: ServerCodec;
  readonly #host: ConversationHost;
  readonly #socket: MockSocket;
  readonly #operations = new Map<string, OperationCore>();
  /** Legacy clients don't wait for the acknowledgement. */
  #early: (SubscribeMessage | ClientCompleteMessage)[] = [];
  #state: ConversationState = { name: 'awaiting-init' };

  constructor({ webSocket, request, protocol, number }: ConversationParts, host: ConversationHost) {
    const { line, expectations } = host;
    this.number = number;
    this.protocol = protocol;
    this.request = request;
    this.#codec = serverCodecFor(protocol);
    this.#host = host;
    this.#socket = new MockSocket(
      { webSocket, number, line, transcript: expectations.transcript },
      { received: (frame) => this.#receive(frame), closed: (close) => this.#end(close) },
    );
    this.closed = this.#socket.closed;
    this.connection = new MockConnection(this, expectations);
  }

  get state(): ConversationState {
    return this.#state;
  }

  get operations(): readonly MockOperation[] {
    const running = [...this.#operations.values()].filter(({ isRunning }) => isRunning);
    return running.map(({ handle }) => handle);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes it; resolves when the client has answered, or is given up. */
  close(code: number, reason: string): Promise<CloseEvent> {
    const close = { code, reason: cutReason(reason) };
    if (this.#beginToClose(close)) this.#socket.close(close);
    return this.closed;
  }

  /** Drops the socket without a close frame; what waits is lost. */
  drop(): void {
    this.#beginToClose({ code: ABNORMAL, reason: '' });
    if (this.#state.name !== 'closed') this.#socket.drop();
  }

  #beginToClose(close: CloseEvent): boolean {
    if (this.#state.name === 'closing' || this.#state.name === 'closed') return false;
    this.#state = { name: 'closing', close };
    this.#disconnect(close, true);
    return true;
  }

  #end(close: CloseEvent): void {
    this.#state = { name: 'closed', close };
    this.#disconnect(close, false);
    this.#host.gone(this);
  }

  #disconnect(close: CloseEvent, byServer: boolean): void {
    for (const operation of this.#operations.values()) {
      operation.end({ name: 'disconnected', close, byServer });
    }
    this.#operations.clear();
    this.#early = [];
  }

  #receive(frame: Frame): void {
    if (this.#state.name === 'closing' || this.#state.name === 'closed') return;
    this.#attempt(() => {
      const message = this.#codec.decode(frame);
      if (message.type === 'violation') this.#answerViolation(message);
      else this.#take(message);
    });
  }

  /** Whatever can't be written as JSON ends the connection, as on a real server. */
  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#socket.remark(`could not be answered: ${error}`);
      void this.close(CloseCode.INTERNAL_SERVER_ERROR, 'Internal server error');
    }
  }

  #take(message: ClientMessage): void {
    switch (message.type) {
      case 'connection_init':
        return this.#init(message.payload);
      case 'connection_terminate':
        return void this.close(CloseCode.NORMAL, 'Terminated by the client');
      case 'ping':
        return this.#pong(message);
      case 'pong':
        return;
      case 'subscribe':
      case 'complete':
        return this.#takeOperation(message);
      default:
        return message satisfies never;
    }
  }

  #init(params: JsonObject | undefined): void {
    if (this.#state.name === 'awaiting-init') {
      this.#state = { name: 'initialising' };
      this.params = params;
      void this.#decide();
    } else if (this.protocol === MODERN) {
      const code = CloseCode.TOO_MANY_INITIALISATION_REQUESTS;
      void this.close(code, closeReasons.TOO_MANY_INITIALISATION_REQUESTS);
    }
  }

  async #decide(): Promise<void> {
    const refusal = this.#host.refusal();
    if (refusal) return this.#refuse(refusal);
    try {
      const answer = await this.#host.onConnect?.(this.connection);
      if (this.#state.name !== 'initialising') return;
      if (answer === false) return this.#forbid(closeReasons.FORBIDDEN);
      this.#attempt(() => this.#acknowledge(typeof answer === 'object' ? answer : undefined));
    } catch (error) {
      if (this.#state.name !== 'initialising') return;
      this.#forbid(toFormattedError(error).message);
    }
  }

  #forbid(reason: string): void {
    this.#refuse({ code: CloseCode.FORBIDDEN, reason });
  }

  #acknowledge(payload: JsonObject | undefined): void {
    const ack = this.#codec.encode({ type: 'connection_ack', ...(payload && { payload }) });
    this.#state = { name: 'ready' };
    this.#socket.send(ack);
    this.#host.expectations.notify();
    for (const message of this.#early.splice(0)) {
      // What begins may close the connection.
      if (this.#state.name === 'ready') this.#take(message);
    }
  }

  #takeOperation(message: SubscribeMessage | ClientCompleteMessage): void {
    const { name } = this.#state;
    if (name === 'initialising' && this.protocol === LEGACY) {
      this.#early.push(message);
    } else if (message.type === 'complete') {
      this.#stop(message);
    } else if (name !== 'ready') {
      this.#refuse({ code: CloseCode.UNAUTHORIZED, reason: closeReasons.UNAUTHORIZED });
    } else {
      this.#subscribe(message);
    }
  }

  #subscribe(message: SubscribeMessage): void {
    const { id } = message;
    const running = this.#operations.get(id);
    if (running?.isRunning && this.protocol === MODERN) {
      return void this.close(CloseCode.SUBSCRIBER_ALREADY_EXISTS, subscriberAlreadyExists(id));
    }
    running?.end({ name: 'stopped' });
    const operation = new OperationCore(message, {
      connection: this.connection,
      expectations: this.#host.expectations,
      write: (answer) => this.#socket.send(this.#codec.encode(answer)),
    });
    this.#operations.set(id, operation);
    this.#host.begin(operation);
  }

  #stop({ id, wireId }: ClientCompleteMessage): void {
    const operation = this.#operations.get(id);
    if (!operation?.isRunning) return;
    operation.end({ name: 'stopped' });
    if (this.protocol === LEGACY) {
      this.#socket.send(this.#codec.encode({ type: 'complete', id: wireId }));
    }
  }

  #pong({ payload }: PingMessage): void {
    const pong = { type: 'pong', ...(payload !== undefined && { payload }) } as const;
    this.#socket.send(modernServerCodec.encode(pong));
  }

  /** Closes it; a legacy client that has no business here is told in a message, too. */
  #refuse({ code, reason }: CloseEvent): void {
    // Clients take that for the last word, so not when they may come back.
    const isFinal = code === CloseCode.FORBIDDEN || code === CloseCode.UNAUTHORIZED;
    if (isFinal) this.#complain({ message: reason });
    void this.close(code, reason);
  }

  #complain(error: FormattedError): void {
    if (this.protocol !== LEGACY) return;
    this.#socket.send(legacyServerCodec.encode({ type: 'connection_error', payload: error }));
  }

  #answerViolation(violation: Violation): void {
    switch (violation.answer) {
      case 'close':
        return void this.close(violation.code, violation.reason);
      case 'operation-error': {
        const { id, reason } = violation;
        this.#early = this.#early.filter((held) => held.id !== String(id));
        this.#operations.get(String(id))?.end({ name: 'answered', by: 'error' });
        return this.#socket.send(
          this.#codec.encode({ type: 'error', id, payload: [{ message: reason }] }),
        );
      }
      case 'connection-error':
        return this.#complain({ message: violation.reason });
      default:
        return violation satisfies never;
    }
  }
}
