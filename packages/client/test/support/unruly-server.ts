import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** One thing that an unruly server does. */
export type Deed = string | Buffer | { readonly close: number };

/** What it does on one connection: as soon as it is asked to begin, and once it was sent operations. */
export interface Conduct {
  readonly early: readonly Deed[];
  readonly late: readonly Deed[];
}

interface Said {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly query?: string };
}

/** A server that does what it is told on its next connection, and as it should on all others. */
export class UnrulyServer {
  /** The queries of all operations that it was sent since `misbehave`. */
  queries: (string | undefined)[] = [];
  readonly #server = new WebSocketServer({
    port: 0,
    handleProtocols: ([first]) => first ?? false,
  });
  #next: Conduct | undefined;

  constructor() {
    this.#server.on('connection', (socket) => {
      const conduct = this.#next;
      this.#next = undefined;
      socket.on('error', () => socket.terminate());
      socket.on('message', (data) => {
        const said: Said = JSON.parse(`${data}`);
        if (/^(subscribe|start)$/.test(said.type)) this.queries.push(said.payload?.query);
        if (conduct) misbehave(socket, said, conduct);
        else behave(socket, said);
      });
    });
  }

  async url(): Promise<string> {
    if (!this.#server.address()) await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return `ws://127.0.0.1:${port}`;
  }

  misbehave(conduct: Conduct): void {
    this.#next = conduct;
    this.queries = [];
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }
}

function misbehave(socket: WebSocket, { type }: Said, { early, late }: Conduct): void {
  const isFirst = type === 'connection_init';
  if (!isFirst && !/^(subscribe|start)$/.test(type)) return;
  for (const deed of isFirst ? early : late) {
    if (typeof deed === 'object' && 'close' in deed) socket.close(deed.close, 'Unruly');
    else socket.send(deed);
  }
  // Whatever has become of it, this connection ends.
  if (!isFirst || !early.some((deed) => /"connection_ack"/.test(`${deed}`))) socket.close(4000);
}

/** Acknowledges, and answers each operation with one result; subscriptions stay. */
function behave(socket: WebSocket, { type, id, payload }: Said): void {
  const say = (message: object): void => socket.send(JSON.stringify(message));
  const next = socket.protocol === 'graphql-ws' ? 'data' : 'next';
  if (type === 'connection_init') say({ type: 'connection_ack' });
  if (type === 'ping') say({ type: 'pong' });
  if (!/^(subscribe|start)$/.test(type)) return;
  say({ type: next, id, payload: { data: { isGood: true } } });
  if (!payload?.query?.startsWith('subscription')) say({ type: 'complete', id });
}
