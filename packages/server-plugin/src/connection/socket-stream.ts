import type { Duplex } from 'node:stream';

/** The stream under a WebSocket; a stream in memory counts no bytes. */
export interface SocketStream extends Duplex {
  readonly bytesRead?: number;
  readonly bytesWritten?: number;
}

/** Bytes that the system has taken so far, counted when a write is finished. */
export function takenBytes({ bytesWritten, writableLength }: SocketStream): number {
  return bytesWritten === undefined ? 0 : bytesWritten - writableLength;
}

/**
 * How many bytes of the write under way the system has not taken yet; 0 where the runtime does not
 * tell.
 *
 * A large message is one write, which counts as waiting until its last byte is taken. Node tells
 * its progress by no public property; its own idle timeout of sockets looks at this one.
 */
export function writeQueueBytes(stream: object): number {
  const handle: unknown = Reflect.get(stream, '_handle');
  if (typeof handle !== 'object' || handle === null) return 0;
  const bytes: unknown = Reflect.get(handle, 'writeQueueSize');
  return typeof bytes === 'number' ? bytes : 0;
}
