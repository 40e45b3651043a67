import { AssertionError } from 'node:assert';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientRequest, IncomingMessage, Server } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import { type ClientOptions, WebSocket } from 'ws';

import type { OpenWebSocket } from './link.ts';
import { MemorySocket } from './memory-socket.ts';
import { afterMs } from './real-timers.ts';
import { UpgradeRefusedError } from './upgrade-refused-error.ts';

/** Where to dial and what to say in the upgrade request. */
export interface DialRequest {
  readonly server: Server;
  readonly path: string;
  readonly transport: 'memory' | 'socket';
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly origin: string | undefined;
  readonly ip: string | undefined;
  readonly timeoutMs: number;
}

/** Where the app's code runs: in the async context of nobody, as on a real server. */
const inNeutralContext = AsyncLocalStorage.snapshot();

/**
 * Opens a websocket to a server.
 *
 * @param onOpen - called as soon as the websocket is open, before a message can arrive
 * @returns what `onOpen` returned; rejects with an `UpgradeRefusedError` when the server answers
 *   with an HTTP response, with an `AssertionError` when it drops the socket, does not answer in
 *   time or chooses a subprotocol that was not offered
 */
export function dial<T>(request: DialRequest, onOpen: (opened: OpenWebSocket) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const webSocket = openWebSocket(request);
    let protocol = '';
    let headers: IncomingMessage['headers'] = {};
    let socket: Duplex | undefined;

    const refuse = (error: Error): void => {
      cancelTimeout();
      reject(error);
      webSocket.terminate();
    };
    const cancelTimeout = afterMs(request.timeoutMs, () => {
      refuse(unanswered(request));
    });

    webSocket.on('upgrade', (response) => {
      headers = { ...response.headers };
      socket = response.socket;
      protocol = headers['sec-websocket-protocol'] ?? '';
      if (protocol !== '' && !request.protocols.includes(protocol)) {
        refuse(wronglyChosen(protocol, request.protocols));
      }
      // `ws` knows nothing of the offer (see `headersOf`), so it must not see the answer.
      delete response.headers['sec-websocket-protocol'];
    });
    webSocket.on('open', () => {
      cancelTimeout();
      if (socket) resolve(onOpen({ webSocket, socket, protocol, headers }));
    });
    webSocket.on('unexpected-response', (clientRequest, response) => {
      readRefusal(clientRequest, response, refuse);
    });
    webSocket.on('error', (cause) => {
      cancelTimeout();
      reject(brokenOff(request, cause));
    });
  });
}

function openWebSocket(request: DialRequest): WebSocket {
  const { server, ip, origin } = request;
  const options: ClientOptions = {
    headers: headersOf(request),
    perMessageDeflate: false,
    ...(origin !== undefined && { origin }),
  };
  if (request.transport === 'socket') {
    return new WebSocket(addressOf(server) + request.path, {
      ...options,
      ...(ip !== undefined && { localAddress: ip }),
    });
  }

  const clientAddress = ip ?? '127.0.0.1';
  const serverAddress = isIPv6(clientAddress) ? '::1' : '127.0.0.1';
  const [clientEnd, serverEnd] = MemorySocket.pair({ clientAddress, serverAddress });
  inNeutralContext(() => {
    if (server instanceof TlsServer) {
      // As if its TLS handshake were done, so that no test needs a certificate.
      server.emit('secureConnection', Object.assign(serverEnd, { encrypted: true }));
    } else {
      server.emit('connection', serverEnd);
    }
  });
  // `ws` gives this to `http.request`, which takes any Duplex; its types ask for a `net.Socket`.
  const createConnection = (() => clientEnd) as unknown as NonNullable<
    ClientOptions['createConnection']
  >;
  return new WebSocket(`ws://localhost${request.path}`, { ...options, createConnection });
}

/**
 * The offer goes out as a plain header: `ws` would treat a server that chooses nothing as broken,
 * and nobody could see the close by which that server says why.
 */
function headersOf({ headers, protocols }: DialRequest): Record<string, string> {
  if (protocols.length === 0) return { ...headers };
  return { ...headers, 'Sec-WebSocket-Protocol': protocols.join(', ') };
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null) {
    throw new Error("Cannot connect with transport 'socket': the app does not listen yet");
  }
  if (typeof address === 'string') return `ws+unix:${address}:`;
  switch (address.address) {
    case '::':
    case '0.0.0.0':
      return `ws://127.0.0.1:${address.port}`;
    default:
      return address.family === 'IPv6'
        ? `ws://[${address.address}]:${address.port}`
        : `ws://${address.address}:${address.port}`;
  }
}

function readRefusal(
  request: ClientRequest,
  response: IncomingMessage,
  refuse: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', () => {}); // A body that is cut off still says more than no body.
  response.on('close', () => {
    const body = Buffer.concat(chunks).toString();
    refuse(new UpgradeRefusedError(response.statusCode ?? 0, response.headers, body));
    request.destroy();
  });
}

function unanswered({ path, timeoutMs }: DialRequest): AssertionError {
  return new AssertionError({
    message: `The server did not answer the upgrade of ${path} within ${timeoutMs} ms`,
    actual: 'no answer',
    expected: 'an answer to the upgrade',
  });
}

function brokenOff({ path }: DialRequest, cause: Error): AssertionError {
  const message = `Cannot connect to ${path}: ${cause.message}`;
  const expected = 'an answer to the upgrade';
  return Object.assign(new AssertionError({ message, actual: cause.message, expected }), { cause });
}

function wronglyChosen(protocol: string, offered: readonly string[]): AssertionError {
  return new AssertionError({
    message: `The server chose the subprotocol "${protocol}", which was not offered (${offered.join(', ') || 'nothing was'})`,
    actual: protocol,
    expected: offered,
  });
}
