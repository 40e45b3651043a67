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
import type { RawData, WebSocket } from 'ws';

import { type CloseEvent, showClose } from '../link.ts';
import { afterMs } from '../real-timers.ts';
import { ABNORMAL, type ConversationState, checkCloseCode } from './conversation-state.ts';
import { MockConnection } from './mock-connection.ts';
import { type MockContext, MockOperation } from './mock-operation.ts';
import { OperationCore } from './operation-core.ts';
import { type Line, Outbox } from './outbox.ts';

/** How long a client may take to answer a close. */
const CLOSE_TIMEOUT_MS = 500;

/** What becomes of a client that has initialised. */
export type Admission =
  | { readonly name: 'admitted'; readonly ack: JsonObject | undefined }
  | { readonly name: 'refused'; readonly close: CloseEvent };

/** What a conversation asks of the server. */
export interface ConversationHost {
  readonly context: MockContext;
  readonly line: Line;
  /** Decides about a client; never rejects. */
  admit(connection: MockConnection): Promise<Admission>;
  /** Takes an operation that has just begun. */
  begin(core: OperationCore, operation: MockOperation): void;
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

interface Entry {
  readonly core: OperationCore;
  readonly operation: MockOperation;
}

/** What one client says, and what the rules of its subprotocol make of it. */
export class Conversation {
  readonly number: number;
  readonly protocol: Subprotocol;
  readonly request: IncomingMessage;
  readonly connection: MockConnection;
  readonly closed: Promise<CloseEvent>;
  params: JsonObject | undefined;
  readonly #webSocket: WebSocket;
  readonly #codec: ServerCodec;
  readonly #host: ConversationHost;
  readonly #outbox: Outbox;
  readonly #entries = new Map<string, Entry>();
  /** Legacy clients don't wait for the acknowledgement. */
  #early: (SubscribeMessage | ClientCompleteMessage)[] = [];
  #state: ConversationState = { name: 'awaiting-init' };

  constructor({ webSocket, request, protocol, number }: ConversationParts, host: ConversationHost) {
    this.number = number;
    this.protocol = protocol;
    this.request = request;
    this.#webSocket = webSocket;
    this.#codec = serverCodecFor(protocol);
    this.#host = host;
    this.#outbox = new Outbox(host.line, (frame) => {
      host.context.log.sent(number, frame);
      webSocket.send(frame);
    });
    webSocket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    // A frame that breaks the websocket protocol; the close follows.
    webSocket.on('error', (error) => host.context.log.remark(`#${number} error: ${error.message}`));
    this.closed = new Promise((resolve) => {
      webSocket.on('close', (code, reason) => {
        const close = { code, reason: reason.toString() };
        this.#end(close);
        resolve(close);
      });
    });
    this.connection = new MockConnection(this, host.context);
  }

  get state(): ConversationState {
    return this.#state;
  }

  get closeEvent(): CloseEvent | undefined {
    return this.#state.name === 'closed' ? this.#state.close : undefined;
  }

  get operations(): readonly MockOperation[] {
    const running = [...this.#entries.values()].filter(({ core }) => core.isRunning);
    return running.map(({ operation }) => operation);
  }

  /** Reads nothing more, not even pings, until `resume`. */
  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
    this.#outbox.pump();
  }

  /** Closes it; resolves when the client has answered, or is given up. @throws on a wrong code */
  close(code: number, reason: string): Promise<CloseEvent> {
    checkCloseCode(code);
    const close = { code, reason: cutReason(reason) };
    if (!this.#beginToClose(close)) return this.closed;
    this.#host.context.log.closing(this.number, showClose(close));
    const webSocket = this.#webSocket;
    // Who does not read would never see the client's answer.
    webSocket.resume();
    webSocket.close(close.code, close.reason);
    const cancel = afterMs(CLOSE_TIMEOUT_MS, () => webSocket.terminate());
    void this.closed.then(cancel);
    return this.closed;
  }

  /** Drops the socket without a close frame; what waits is lost. */
  drop(): void {
    this.#beginToClose({ code: ABNORMAL, reason: '' });
    this.#webSocket.terminate();
  }

  #beginToClose(close: CloseEvent): boolean {
    if (this.#state.name === 'closing' || this.#state.name === 'closed') return false;
    this.#outbox.end(close.code === ABNORMAL);
    this.#state = { name: 'closing', close };
    this.#disconnect(close, true);
    return true;
  }

  #end(close: CloseEvent): void {
    this.#host.context.log.closed(this.number, showClose(close));
    this.#outbox.end(true);
    this.#state = { name: 'closed', close };
    this.#disconnect(close, false);
    this.#host.gone(this);
  }

  #disconnect(close: CloseEvent, byServer: boolean): void {
    for (const { core } of this.#entries.values()) {
      core.end({ name: 'disconnected', close, byServer });
    }
    this.#entries.clear();
    this.#early = [];
  }

  #receive(data: RawData, isBinary: boolean): void {
    const frame = isBinary && Buffer.isBuffer(data) ? data : data.toString();
    this.#host.context.log.received(this.number, frame);
    if (this.#state.name === 'closing' || this.#state.name === 'closed') return;
    const message = this.#codec.decode(frame);
    if (message.type === 'violation') this.#answerViolation(message);
    else this.#take(message);
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
    const admission = await this.#host.admit(this.connection);
    if (this.#state.name !== 'initialising') return;
    if (admission.name === 'refused') return this.#refuse(admission.close);
    this.#state = { name: 'ready' };
    const { ack } = admission;
    this.#outbox.send(this.#codec.encode({ type: 'connection_ack', ...(ack && { payload: ack }) }));
    this.#host.context.changes.notify();
    for (const message of this.#early.splice(0)) this.#take(message);
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
    const { context } = this.#host;
    const running = this.#entries.get(message.id)?.core;
    if (running?.isRunning) {
      if (this.protocol === MODERN) {
        const reason = subscriberAlreadyExists(message.id);
        return void this.close(CloseCode.SUBSCRIBER_ALREADY_EXISTS, reason);
      }
      running.end({ name: 'stopped' });
    }
    const core = new OperationCore(
      message,
      (answer) => this.#outbox.send(this.#codec.encode(answer)),
      context.changes,
    );
    const operation = new MockOperation(core, this.connection, context);
    this.#entries.set(message.id, { core, operation });
    this.#host.begin(core, operation);
  }

  #stop({ id, wireId }: ClientCompleteMessage): void {
    const core = this.#entries.get(id)?.core;
    if (!core?.isRunning) return;
    core.end({ name: 'stopped' });
    if (this.protocol === LEGACY) {
      this.#outbox.send(this.#codec.encode({ type: 'complete', id: wireId }));
    }
  }

  #pong({ payload }: PingMessage): void {
    const pong = { type: 'pong', ...(payload !== undefined && { payload }) } as const;
    this.#outbox.send(modernServerCodec.encode(pong));
  }

  /** Closes it, after a word in the subprotocol that has one for that. */
  #refuse({ code, reason }: CloseEvent): void {
    this.#complain({ message: reason });
    void this.close(code, reason);
  }

  #complain(error: FormattedError): void {
    if (this.protocol !== LEGACY) return;
    this.#outbox.send(legacyServerCodec.encode({ type: 'connection_error', payload: error }));
  }

  #answerViolation(violation: Violation): void {
    switch (violation.answer) {
      case 'close':
        return void this.close(violation.code, violation.reason);
      case 'operation-error': {
        const { id, reason } = violation;
        this.#entries.get(String(id))?.core.end({ name: 'answered', by: 'error' });
        return this.#outbox.send(
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
