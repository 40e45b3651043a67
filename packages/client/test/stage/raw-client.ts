import type { WebSocketLike } from '../../src/web-socket.ts';
import type { ProtocolName } from './stage.ts';
import { webSocket } from './web-socket.ts';

/** One message of either subprotocol. */
export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** How a connection ended. */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** The types that differ between the subprotocols. */
const words = {
  'graphql-transport-ws': { start: 'subscribe', data: 'next' },
  'graphql-ws': { start: 'start', data: 'data' },
} as const;

/** A WebSocket with no client library, that shows what stands on the wire. */
export class RawClient {
  /** Resolves with the connection's end, or when it could not be made. */
  readonly closed: Promise<Close>;
  /** Resolves when the upgrade is done; never when it fails. */
  readonly opened: Promise<void>;
  /** All messages so far. */
  readonly messages: Message[] = [];
  readonly protocol: ProtocolName;
  readonly #socket: WebSocketLike;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(url: string, protocol: ProtocolName) {
    const socket = new webSocket(url, [protocol]);
    this.#socket = socket;
    this.protocol = protocol;
    let isOpen = false;
    this.opened = new Promise((resolve) => {
      socket.onopen = () => {
        isOpen = true;
        resolve();
      };
    });
    this.closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason }: Close) => resolve({ code, reason });
      // The one of Node 22 tells of a dial that failed by this event only.
      socket.onerror = () => isOpen || resolve({ code: 1006, reason: '' });
    });
    socket.onmessage = ({ data }: { data: unknown }) => {
      this.messages.push(JSON.parse(String(data)));
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  /** Connects and initialises. */
  static async connect(url: string, protocol: ProtocolName, params?: object): Promise<RawClient> {
    const client = new RawClient(url, protocol);
    await client.opened;
    client.send({ type: 'connection_init', ...(params && { payload: params }) });
    const ack = await client.next();
    if (ack.type !== 'connection_ack') throw new Error(`Expected an ack, got ${ack.type}`);
    return client;
  }

  send(message: Message): void {
    this.#socket.send(JSON.stringify(message));
  }

  start(id: string, query: string): void {
    this.send({ id, type: words[this.protocol].start, payload: { query } });
  }

  /** The next message that has not been taken. */
  async next(): Promise<Message> {
    for (;;) {
      const message = this.messages[this.#taken];
      if (message) {
        this.#taken += 1;
        return message;
      }
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
  }

  /** The data of the next message, which must be a result of this operation. */
  async nextData(id: string): Promise<unknown> {
    const { type, id: actual, payload } = await this.next();
    if (type !== words[this.protocol].data || actual !== id) {
      throw new Error(`Expected a result of ${id}, got ${type} ${JSON.stringify(payload)}`);
    }
    return payload instanceof Object && 'data' in payload ? payload.data : undefined;
  }

  close(): void {
    this.#socket.close();
  }
}
