import { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { fastPaths } from '../fast-paths.ts';
import type { SocketStream } from './socket-stream.ts';

/**
 * The stream under a WebSocket, when frames may be written to it past the WebSocket.
 *
 * The one place that reads what `ws` does not publish. Without that, and where anything is other
 * than expected, there is no such stream, and all goes through the WebSocket.
 */
export function directStream(
  socket: WebSocket,
  stream: SocketStream | undefined,
): Socket | undefined {
  if (!fastPaths.directWrites || !(stream instanceof Socket)) return undefined;
  // Compressed frames are made by `ws`, and in later turns.
  if (socket.extensions !== '') return undefined;
  if (Reflect.get(socket, '_socket') !== stream) return undefined;
  // A client's frames would have to be masked.
  if (Reflect.get(socket, '_isServer') !== true) return undefined;
  // Whoever has replaced a method wants to see what is sent.
  if (Object.hasOwn(socket, 'send') || Object.hasOwn(stream, 'write')) return undefined;
  return stream;
}

/**
 * Whether a frame that is written to its stream now takes the place that `ws` would give it.
 *
 * @param backlogBytes - the socket's `bufferedAmount`
 */
export function isInStep(socket: WebSocket, stream: Socket, backlogBytes: number): boolean {
  if (socket.readyState !== socket.OPEN) return false;
  // Otherwise `ws` holds something back that goes first.
  return backlogBytes === 0 || backlogBytes === stream.writableLength;
}
