import type { JsonObject, Subprotocol } from '@groupcast/protocol';
import type { CloseEvent, MockServer } from '@groupcast/testing';
import { WebSocket } from 'ws';

/** The types that differ between the subprotocols. */
export const words = {
  'graphql-transport-ws': { start: 'subscribe', data: 'next', stop: 'complete' },
  'graphql-ws': { start: 'start', data: 'data', stop: 'stop' },
} as const;

/** A client without a library, in memory, that shows what stands on the wire. */
export class MockPeer {
  readonly closed: Promise<CloseEvent>;
  readonly opened: Promise<void>;
  readonly messages: JsonObject[] = [];
  readonly #socket: InstanceType<MockServer['WebSocket']>;
  readonly #wakers: (() => void)[] = [];
  #read = 0;

  constructor(server: MockServer, protocols: Subprotocol | string[], url = 'ws://mock/graphql') {
    const socket = new server.WebSocket(url, protocols);
    this.#socket = socket;
    this.opened = new Promise((resolve) => socket.once('open', resolve));
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on('error', () => {});
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(data.toString()));
      for (const wake of this.#wakers.splice(0)) wake();
    });
  }

  /** Connects and is acknowledged. */
  static async connect(server: MockServer, protocol: Subprotocol, params?: object) {
    const peer = new MockPeer(server, protocol);
    await peer.init(params);
    return peer;
  }

  async init(params?: object): Promise<JsonObject> {
    await this.opened;
    this.send({ type: 'connection_init', ...(params && { payload: params }) });
    return this.next();
  }

  send(message: object): void {
    this.sendRaw(JSON.stringify(message));
  }

  sendRaw(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  /** The next message that was not read. */
  async next(): Promise<JsonObject> {
    for (;;) {
      const message = this.messages[this.#read];
      if (message) {
        this.#read += 1;
        return message;
      }
      await new Promise<void>((resolve) => void this.#wakers.push(resolve));
    }
  }

  close(): void {
    this.#socket.close(1000);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

/** What a dial over the port comes to: `open`, or how it fails. */
export function dialled(url: string): Promise<string> {
  const socket = new WebSocket(url, ['graphql-transport-ws']);
  return new Promise((resolve) => {
    socket.on('open', () => {
      resolve('open');
      socket.terminate();
    });
    socket.on('error', ({ message }) => resolve(message));
  });
}
