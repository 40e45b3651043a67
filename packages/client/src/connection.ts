import {
  type ClientMessage,
  type CompleteMessage,
  type ErrorMessage,
  type JsonObject,
  MODERN,
  type NextMessage,
  type ServerMessage,
  type Violation,
} from '@groupcast/protocol';
import { ClientError, type ClientErrorCode } from './errors.ts';
import type { DialReason } from './options.ts';
import type { Settings } from './settings.ts';
import { Timer } from './timer.ts';
import type { WebSocketLike } from './web-socket.ts';

/** How long a server may take to answer a close. */
const CLOSE_TIMEOUT_MS = 2_000;

/** The code of a connection that ended without a close frame (RFC 6455, section 7.1.5). */
export const ABNORMAL = 1006;

/** A message about one operation. */
export type OperationMessage = NextMessage | ErrorMessage | CompleteMessage;

/** Whom a connection tells what happens to it; nobody is told anything after `close()`. */
export interface ConnectionOwner {
  opened(ack: JsonObject | undefined): void;
  received(message: OperationMessage): void;
  /** How it ended, or why it was not made; called once, last. */
  ended(error: ClientError): void;
}

/** Either codec: a message that the other side's subprotocol has not is never written. */
interface AnyCodec {
  readonly subprotocol: string;
  decode(frame: unknown): ServerMessage | Violation;
  encode(message: ClientMessage): string;
}

/** What Node's libraries tell; browsers tell nothing. */
interface SocketError {
  readonly error?: unknown;
  readonly message?: string;
}

interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

/** One socket, from its dial to its end: handshake, signs of life, messages. */
export class Connection {
  readonly #settings: Settings;
  /** Nobody any more once it has ended. */
  #owner: ConnectionOwner | undefined;
  #socket: WebSocketLike | undefined;
  #codec: AnyCodec | undefined;
  #isOpen = false;
  #hasSeenKa = false;
  /** For what the other side must do next. */
  readonly #timer = new Timer();

  constructor(settings: Settings, owner: ConnectionOwner) {
    this.#settings = settings;
    this.#owner = owner;
  }

  /** Dials. Never rejects: the owner is told. */
  async dial(reason: DialReason): Promise<void> {
    const { params, url } = this.#settings;
    let code: ClientErrorCode = 'CONNECTION_LOST';
    this.#expect(this.#settings.connectTimeoutMs);
    try {
      const payload = await (typeof params === 'function' ? params(reason) : params);
      const address = await (typeof url === 'function' ? url() : url);
      // No second dial would mend what fails from here on.
      code = 'OPTION_INVALID';
      if (this.#owner) this.#open(address, payload);
    } catch (cause) {
      const retryable = code === 'CONNECTION_LOST';
      const why = cause instanceof Error ? cause.message : typeof cause;
      const error = new ClientError(code, `Cannot dial: ${why}`, { cause, retryable });
      this.#end(cause instanceof ClientError ? cause : error);
    }
  }

  /** @throws what `JSON.stringify` throws */
  send(message: ClientMessage): void {
    const { encode } = this.#codec ?? {};
    if (encode) this.#socket?.send(encode(message));
  }

  /** Asks for a sign of life, where the subprotocol has a message for that. */
  probe(): void {
    if (!this.#isOpen || this.#codec?.subprotocol !== MODERN) return;
    this.send({ type: 'ping' });
    this.#expect(this.#settings.timeoutMs);
  }

  /**
   * Closes it on this side's wish.
   *
   * @returns resolves when the socket is closed, or does not answer
   */
  close(): Promise<void> {
    this.#stop();
    const socket = this.#socket;
    return new Promise((resolve) => {
      if (!socket) return resolve();
      const closed = (): void => {
        this.#timer.clear();
        resolve();
      };
      socket.onclose = closed;
      // All that Node's own tells of a dial that was broken off.
      socket.onerror = closed;
      this.#timer.set(CLOSE_TIMEOUT_MS, () => {
        socket.terminate?.();
        resolve();
      });
      socket.close(1000);
    });
  }

  #open(address: string | URL, payload: JsonObject | undefined): void {
    const { protocols, webSocket = globalThis.WebSocket } = this.#settings;
    const url = new URL(address, globalThis.location?.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const names = protocols.map(({ subprotocol }) => subprotocol);
    const socket: WebSocketLike = new webSocket(url.href, names);
    this.#socket = socket;
    socket.onopen = () => {
      this.#codec = protocols.find(({ subprotocol }) => subprotocol === socket.protocol);
      this.send({ type: 'connection_init', ...(payload && { payload }) });
      if (!this.#codec) this.#fail('No common subprotocol', 4406);
    };
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (!this.#owner || !this.#codec) return;
      if (this.#isOpen) this.#listen();
      this.#take(this.#codec.decode(data), this.#owner);
    };
    // Stays for good: `ws` throws errors that nobody listens to.
    socket.onerror = ({ error, message }: SocketError) =>
      // `ws` finds fault with the answer before it can be asked what was chosen.
      this.#lost(/subprotocol/.test(`${message}`) ? 4406 : ABNORMAL, message, error);
    socket.onclose = ({ code, reason }: SocketClose) => this.#lost(code, reason);
  }

  #take(message: ServerMessage | Violation, owner: ConnectionOwner): void {
    switch (message.type) {
      case 'connection_ack':
        if (this.#isOpen) return;
        this.#isOpen = true;
        this.#listen();
        return owner.opened(message.payload);
      case 'connection_error':
        // Before the acknowledgement it is a refusal, after it only a complaint about a message.
        return this.#isOpen ? undefined : this.#fail(message.payload.message, 4403);
      case 'violation':
        return this.#fail(message.reason);
      case 'ping':
        return this.send({ ...message, type: 'pong' });
      case 'pong':
        return;
      case 'ka':
        this.#hasSeenKa = true;
        return this.#isOpen ? this.#listen() : undefined;
      default:
        return owner.received(message);
    }
  }

  /** Whatever was heard, the next silence begins now. */
  #listen(): void {
    const { intervalMs, kaTimeoutMs } = this.#settings;
    if (this.#hasSeenKa) this.#expect(kaTimeoutMs);
    else this.#timer.set(intervalMs, () => this.probe());
  }

  #expect(withinMs: number): void {
    this.#timer.set(withinMs, () => this.#fail('No sign of life'));
  }

  /** Ends it on this side's judgement. A dead peer answers no close; browsers know nothing better. */
  #fail(reason: string, code = ABNORMAL): void {
    const socket = this.#socket;
    this.#lost(code, reason);
    if (socket?.terminate) socket.terminate();
    else socket?.close();
  }

  #lost(closeCode: number, reason: string | undefined, cause?: unknown): void {
    const isUnauthorized = /440[13]/.test(`${closeCode}`);
    const retryable = !isUnauthorized && closeCode !== 4406;
    const code = isUnauthorized ? 'UNAUTHORIZED' : retryable ? 'CONNECTION_LOST' : 'REFUSED';
    const message = reason || `Connection lost (${closeCode})`;
    this.#end(new ClientError(code, message, { closeCode, cause, retryable }));
  }

  #end(error: ClientError): void {
    const owner = this.#owner;
    this.#stop();
    this.#socket = undefined;
    owner?.ended(error);
  }

  #stop(): void {
    this.#owner = undefined;
    this.#timer.clear();
  }
}
