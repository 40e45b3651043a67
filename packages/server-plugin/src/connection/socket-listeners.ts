import type { RawData, WebSocket } from 'ws';

/** Who is told of what happens on a WebSocket. */
export interface SocketOwner {
  socketReceived(data: RawData, isBinary: boolean): void;
  /** A ping or a pong has come. Not told where the stream counts what is read. */
  socketGaveSign(): void;
  socketFailed(error: Error): void;
  /** `ws` is asked to close, by the app, or by itself after the client's close frame. */
  socketCloses(code: number | undefined, reason: string | Buffer | undefined): void;
  /** The socket is gone. */
  socketClosed(code: number, reason: Buffer): void;
}

const OWNER: unique symbol = Symbol('owner');

interface OwnedSocket extends WebSocket {
  [OWNER]?: SocketOwner;
}

/**
 * Tells `owner` of what happens on a socket.
 *
 * The listeners are the same functions for all sockets, which find their owner by the socket: five
 * closures for each would be a good part of what an idle connection keeps.
 *
 * @param countsBytes - whether signs of life are seen on the stream already
 * @returns the `close` that really closes, to be called on the socket
 */
export function listenTo(
  socket: OwnedSocket,
  owner: SocketOwner,
  countsBytes: boolean,
): WebSocket['close'] {
  const { close } = socket;
  socket[OWNER] = owner;
  // The listener of the plugin below would cut the line before the close frame is out.
  socket.removeAllListeners('error');
  socket.on('error', onError);
  // An own property: there is no event for a close frame, and the end of the line may be far off.
  socket.close = closeByOwner;
  socket.on('message', onMessage);
  if (!countsBytes) {
    socket.on('ping', onSign);
    socket.on('pong', onSign);
  }
  socket.on('close', onClose);
  return close;
}

function onMessage(this: OwnedSocket, data: RawData, isBinary: boolean): void {
  this[OWNER]?.socketReceived(data, isBinary);
}

function onSign(this: OwnedSocket): void {
  this[OWNER]?.socketGaveSign();
}

function onError(this: OwnedSocket, error: Error): void {
  this[OWNER]?.socketFailed(error);
}

function closeByOwner(this: OwnedSocket, code?: number, reason?: string | Buffer): void {
  this[OWNER]?.socketCloses(code, reason);
}

function onClose(this: OwnedSocket, code: number, reason: Buffer): void {
  this[OWNER]?.socketClosed(code, reason);
}

/** How long a message is. */
export function byteLength(data: RawData): number {
  if (!Array.isArray(data)) return data.byteLength;
  return data.reduce((bytes, part) => bytes + part.byteLength, 0);
}
