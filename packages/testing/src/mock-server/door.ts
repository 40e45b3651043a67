import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { negotiate, type Subprotocol } from '@groupcast/protocol';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';

import type { CloseEvent } from '../link.ts';
import { MemorySocket } from '../memory-socket.ts';
import { assertTicksAreReal, onNextTurn } from '../real-timers.ts';

/** A WebSocket class that connects to one server only, whatever the URL, and without a port. */
export type MemoryWebSocket = new (url: string | URL, protocols?: string | string[]) => WebSocket;

/** What a {@link Door} needs to know. */
export interface DoorSettings {
  /** Where to listen; 0 for any free port. */
  readonly port: number;
  /** What is spoken. */
  readonly protocols: readonly Subprotocol[];
  /** The HTTP status that upgrades are refused with, while there is one, and the body. */
  refusal(): CloseEvent | undefined;
  /** Takes a client whose upgrade has just succeeded; '' when nothing it offers is spoken. */
  onClient(webSocket: WebSocket, request: IncomingMessage): void;
}

interface Caller {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Where the server runs: in the async context of nobody. */
const inNeutralContext = AsyncLocalStorage.snapshot();

/** Where clients come in: over a port of the loopback interface, or in memory. */
export class Door {
  readonly WebSocket: MemoryWebSocket;
  readonly #settings: DoorSettings;
  readonly #http: Server;
  readonly #upgrades: WebSocketServer;
  #port: number;
  #isOpen = false;
  /** Resolves when all that was asked to open and close so far has done so, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  /** Those who wait for an answer to their upgrade while nobody opens. */
  #held: Caller[] | undefined;

  constructor(settings: DoorSettings) {
    this.#settings = settings;
    this.#port = settings.port;
    this.#upgrades = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered) => negotiate(this.#spoken(offered)) ?? false,
    });
    const subprotocols = settings.protocols.join(', ');
    this.#http = createServer((_request, response) => {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade' });
      response.end(`Connect by WebSocket, with one of the subprotocols ${subprotocols}`);
    });
    this.#http.on('upgrade', (request, socket, head) => {
      const caller = { request, socket, head };
      // Who has given up while being held is nobody's fault.
      socket.on('error', () => socket.destroy());
      if (this.#held) this.#held.push(caller);
      else this.#answer(caller);
    });
    this.WebSocket = this.#memoryWebSocket();
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/graphql`;
  }

  /** Listens, unless it does: on the port that it had before, if there was one. */
  open(): Promise<void> {
    assertTicksAreReal();
    return this.#inTurn(async () => {
      if (!this.#isOpen) await this.#listen();
    });
  }

  /**
   * Lets nobody in any more.
   *
   * @param settle - awaited before the sockets that are still there are destroyed
   */
  close(settle: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isOpen) await this.#shut(settle);
    });
  }

  /** Answers nobody until `resume`. */
  stall(): void {
    this.#held ??= [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const caller of held) this.#answer(caller);
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(this.#port, '127.0.0.1', () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
    const address = this.#http.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
    this.#isOpen = true;
  }

  async #shut(settle: () => Promise<void>): Promise<void> {
    this.#isOpen = false;
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    await settle();
    for (const { socket } of this.#held?.splice(0) ?? []) socket.destroy();
    for (const webSocket of this.#upgrades.clients) webSocket.terminate();
    this.#http.closeAllConnections();
    await closed;
  }

  #answer({ request, socket, head }: Caller): void {
    if (!this.#isOpen) return void socket.destroy();
    const refusal = this.#settings.refusal();
    if (refusal) return refuseUpgrade(socket, refusal);
    this.#upgrades.handleUpgrade(request, socket, head, (webSocket) =>
      this.#settings.onClient(webSocket, request),
    );
  }

  #spoken(offered: Iterable<string>): readonly string[] {
    const spoken = new Set<string>(this.#settings.protocols);
    return [...offered].filter((name) => spoken.has(name));
  }

  #memoryWebSocket(): MemoryWebSocket {
    // `ws` gives this to `http.request`, which takes any Duplex; its types ask for a `net.Socket`.
    const createConnection = (() => this.#dial()) as unknown as NonNullable<
      ClientOptions['createConnection']
    >;
    return class extends WebSocket {
      constructor(url: string | URL, protocols: string | string[] = []) {
        // Relative ones too, as in browsers.
        super(new URL(url, 'ws://127.0.0.1'), protocols, {
          createConnection,
          perMessageDeflate: false,
        });
      }
    };
  }

  #dial(): Duplex {
    const address = '127.0.0.1';
    const [clientEnd, serverEnd] = MemorySocket.pair({
      clientAddress: address,
      serverAddress: address,
    });
    if (this.#isOpen) {
      inNeutralContext(() => this.#http.emit('connection', serverEnd));
    } else {
      const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      // Later: nobody listens for its errors yet.
      onNextTurn(() => clientEnd.destroy(error));
    }
    return clientEnd;
  }
}

function refuseUpgrade(socket: Duplex, { code, reason }: CloseEvent): void {
  const lines = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(reason)}`,
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${reason}`);
}
