import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Flusher } from './flusher.ts';

/** Above this many bytes in one turn of the event loop, the outbox is flushed at once. */
const FLUSH_AT_BYTES = 65_536;

/** The largest head of a server's frame. */
const FRAME_HEAD_BYTES = 10;

interface PongFrame {
  readonly data: Buffer;
  readonly written: ((error?: Error) => void) | undefined;
}

/** What an outbox tells its connection. */
export interface OutboxOwner {
  /** The client reads too slowly: more than the limit waits for it. */
  outboxOverflowed(): void;
  /** Something was written, and the outbox is below its mark now. */
  outboxDrained(): void;
}

/** What {@link Outbox} is made of. */
export interface OutboxOptions {
  readonly socket: WebSocket;
  /** The stream under the socket, if known: corked around a flush, so that it leaves in one write. */
  readonly stream: Duplex | undefined;
  readonly flusher: Flusher;
  /** The most bytes that may wait for this client. */
  readonly limitBytes: number;
  readonly owner: OutboxOwner;
}

/**
 * The frames on their way to one client: collected during a turn of the event loop, written at
 * its end in one piece, bounded in bytes.
 *
 * Answers to WebSocket pings go through it too, so that a ping's pong comes after all that was
 * sent before it.
 */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #stream: Duplex | undefined;
  readonly #flusher: Flusher;
  readonly #limitBytes: number;
  readonly #owner: OutboxOwner;
  #frames: (string | PongFrame)[] = [];
  #collectedBytes = 0;
  /** What may still wait of a frame that found nothing waiting: it does not count. */
  #exemptBytes = 0;
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#socket = options.socket;
    this.#stream = options.stream;
    this.#flusher = options.flusher;
    this.#limitBytes = options.limitBytes;
    this.#owner = options.owner;
    this.#sendPong = this.#socket.pong.bind(this.#socket);
    // `ws` answers pings by this method; an own property puts the answers in line.
    this.#socket.pong = (data?: unknown, _mask?: unknown, written?: unknown): void => {
      this.#pushPong({
        data: Buffer.isBuffer(data) ? data : Buffer.alloc(0),
        written: isCallback(written) ? written : undefined,
      });
    };
  }

  readonly #sendPong: WebSocket['pong'];

  /** Bytes that wait: collected in this turn, or taken by the socket and not by the system yet. */
  get bufferedBytes(): number {
    return this.#collectedBytes + this.#socket.bufferedAmount;
  }

  /** Whether it takes nothing more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes that the socket has taken and the system has not. */
  get backlogBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Whether less than half of the limit waits. */
  get isWritable(): boolean {
    return this.bufferedBytes <= this.#limitBytes / 2;
  }

  /** Adds one text frame. A frame that finds the outbox empty goes whatever its size. */
  push(frame: string): void {
    if (this.#isClosed) return;
    this.#collect(frame, Buffer.byteLength(frame) + FRAME_HEAD_BYTES);
  }

  /** Writes what was collected. */
  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    this.#flusher.collectedBytes -= this.#collectedBytes;
    this.#flusher.sentBytes += this.#collectedBytes;
    this.#collectedBytes = 0;
    // Corking costs more than it saves when there is one frame only.
    const isCorked = frames.length > 1;
    if (isCorked) this.#stream?.cork();
    for (const [index, frame] of frames.entries()) {
      this.#write(frame, index === frames.length - 1 ? this.#written : undefined);
    }
    if (isCorked) this.#stream?.uncork();
    if (this.#socket.bufferedAmount > 0) this.#flusher.watch(this);
  }

  /** The process holds too much, and this client the most of it. */
  overflow(): void {
    this.#owner.outboxOverflowed();
  }

  /** Cuts the client off: it was told to go, and what waits for it is needed. */
  cutOff(): void {
    this.#socket.terminate();
  }

  /** Takes nothing more; what was collected is written first. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.flush();
  }

  /** Drops what was collected: the socket is gone. */
  discard(): void {
    this.#isClosed = true;
    this.#frames = [];
    this.#flusher.collectedBytes -= this.#collectedBytes;
    this.#collectedBytes = 0;
    this.#flusher.forget(this);
  }

  #pushPong(frame: PongFrame): void {
    if (this.#isClosed) return frame.written?.();
    this.#collect(frame, frame.data.length + FRAME_HEAD_BYTES);
  }

  #collect(frame: string | PongFrame, bytes: number): void {
    const waiting = this.bufferedBytes;
    // Or the `complete` after a result of more than the limit would close a client who reads.
    this.#exemptBytes = waiting === 0 ? bytes : Math.min(this.#exemptBytes, waiting);
    if (waiting + bytes > this.#limitBytes + this.#exemptBytes) {
      this.#owner.outboxOverflowed();
      return;
    }
    this.#frames.push(frame);
    this.#collectedBytes += bytes;
    this.#flusher.collectedBytes += bytes;
    if (this.#collectedBytes >= FLUSH_AT_BYTES) this.flush();
    else if (this.#frames.length === 1) this.#flusher.add(this);
    this.#flusher.enforceTotal();
  }

  #write(frame: string | PongFrame, written: (() => void) | undefined): void {
    if (typeof frame === 'string') {
      this.#socket.send(frame, written);
    } else {
      this.#sendPong(frame.data, false, (error) => {
        frame.written?.(error);
        written?.();
      });
    }
  }

  /** The system has taken the last frame of a flush, or the socket is gone. */
  readonly #written = (): void => {
    if (!this.#isClosed && this.isWritable) this.#owner.outboxDrained();
  };
}

function isCallback(value: unknown): value is (error?: Error) => void {
  return typeof value === 'function';
}
