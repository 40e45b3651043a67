import {
  type ClientMessage,
  type CompleteMessage,
  type ErrorMessage,
  type JsonObject,
  MODERN,
  modernClientCodec,
  type NextMessage,
  type Sent,
  type ServerMessage,
  type Violation,
} from '@groupcast/protocol';
import { ClientError, type ClientErrorCode } from './errors.ts';
import type { DialReason } from './options.ts';
import type { Settings } from './settings.ts';
import { Timer } from './timer.ts';
import {
  closeSocket,
  type SocketClose,
  type SocketError,
  type WebSocketLike,
} from './web-socket.ts';

/** The code of a connection that ended without a close frame (RFC 6455, section 7.1.5). */
export const ABNORMAL = 1006;

/** What the codes mean that the same dial again does not mend. */
const FINAL: Readonly<Record<number, ClientErrorCode>> = {
  4401: 'UNAUTHORIZED',
  4403: 'UNAUTHORIZED',
  4406: 'REFUSED',
};

/** A message about one operation. */
export type OperationMessage = NextMessage | ErrorMessage | CompleteMessage;

/** Whom a connection tells what happens to it; nobody is told anything after `close()`. */
export interface ConnectionOwner {
  opened(ack: JsonObject | undefined): void;
  received(message: OperationMessage): void;
  /** It has failed, or was not made, and is closed by now. */
  ended(error: ClientError): void;
}

/** Either codec: a message that the other side's subprotocol has not is never written. */
interface AnyCodec {
  readonly subprotocol: string;
  decode(frame: unknown): ServerMessage | Violation;
  encode(message: Sent<ClientMessage>): string;
}

/** One socket, from its dial to its end: handshake, signs of life, messages. */
export class Connection {
  readonly #settings: Settings;
  readonly #owner: ConnectionOwner;
  #socket: WebSocketLike | undefined;
  #codec: AnyCodec = modernClientCodec;
  #isOpen = false;
  #isOver = false;
  #hasSeenKa = false;
  /** For what the other side must do next. */
  readonly #timer = new Timer();

  constructor(settings: Settings, owner: ConnectionOwner) {
    this.#settings = settings;
    this.#owner = owner;
  }

  /** Dials. Never rejects: the owner is told. */
  async dial(reason: DialReason): Promise<void> {
    const { connectTimeoutMs, params, url } = this.#settings;
    let code: ClientErrorCode = 'CONNECTION_LOST';
    this.#timer.set(connectTimeoutMs, this.#dead);
    try {
      const payload = await (typeof params === 'function' ? params(reason) : params);
      const address = await (typeof url === 'function' ? url() : url);
      // No second dial would mend what fails from here on.
      code = 'OPTION_INVALID';
      if (!this.#isOver) this.#open(address, payload);
    } catch (cause) {
      const error = cause instanceof ClientError ? cause : new ClientError(code, '', { cause });
      if (!this.#isOver) this.#owner.ended(error);
    }
  }

  /** What can't be written as JSON ends the connection: something may be read that is too deep for that. */
  send(message: Sent<ClientMessage>): void {
    try {
      this.#socket?.send(this.#codec.encode(message));
    } catch (cause) {
      this.#closed(ABNORMAL, '', cause);
    }
  }

  /** Asks for a sign of life, where the subprotocol has a message for that. */
  readonly probe = (): void => {
    if (!this.#isOpen || this.#codec.subprotocol !== MODERN) return;
    this.#timer.set(this.#settings.timeoutMs, this.#dead);
    this.send({ type: 'ping' });
  };

  /** @returns resolves when the socket is closed, or does not answer */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#timer.clear();
    if (this.#socket) await closeSocket(this.#socket);
  }

  #open(address: string | URL, payload: JsonObject | undefined): void {
    const { protocols, webSocket = globalThis.WebSocket } = this.#settings;
    const url = new URL(address, globalThis.location?.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const names = protocols.map(({ subprotocol }) => subprotocol);
    const socket: WebSocketLike = new webSocket(url.href, names);
    this.#socket = socket;
    socket.onopen = () => {
      const chosen = protocols.find(({ subprotocol }) => subprotocol === socket.protocol);
      if (!chosen) return this.#closed(4406);
      this.#codec = chosen;
      this.send({ type: 'connection_init', ...(payload && { payload }) });
    };
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (!this.#isOver) this.#take(this.#codec.decode(data));
      if (this.#isOpen && !this.#isOver) this.#listen();
    };
    socket.onerror = ({ error, message }: SocketError) =>
      // `ws` finds fault with the answer before it can be asked what was chosen.
      this.#closed(/subprotocol/.test(`${message}`) ? 4406 : ABNORMAL, message, error);
    socket.onclose = ({ code, reason }: SocketClose) => this.#closed(code, reason);
  }

  #take(message: ServerMessage | Violation): void {
    const { type } = message;
    if (type === 'violation') this.#closed(ABNORMAL, message.reason);
    else if (type === 'ping') this.send({ ...message, type: 'pong' });
    else if (type === 'ka') this.#hasSeenKa = true;
    else if ('id' in message) this.#owner.received(message);
    // What is left belongs before the acknowledgement: an error after it is only a complaint.
    else if (this.#isOpen) return;
    else if (type === 'connection_error') this.#closed(4403, message.payload.message);
    else if (type === 'connection_ack') {
      this.#isOpen = true;
      this.#owner.opened(message.payload);
    }
  }

  /** Whatever was heard, the next silence begins now. */
  #listen(): void {
    const { intervalMs, kaTimeoutMs } = this.#settings;
    if (this.#hasSeenKa) this.#timer.set(kaTimeoutMs, this.#dead);
    else this.#timer.set(intervalMs, this.probe);
  }

  /** Cuts it where the platform can: nobody would answer a close. */
  readonly #dead = (): void => {
    this.#socket?.terminate?.();
    this.#closed(ABNORMAL, 'No sign of life');
  };

  #closed(closeCode: number, reason?: string, cause?: unknown): void {
    if (this.#isOver) return;
    this.#owner.ended(
      new ClientError(
        FINAL[closeCode] ?? 'CONNECTION_LOST',
        reason || `Connection lost (${closeCode})`,
        { closeCode, cause },
      ),
    );
  }
}
