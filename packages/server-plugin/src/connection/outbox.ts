import type { Socket } from 'node:net';
import type { WireId } from '@groupcast/protocol';
import type { WebSocket } from 'ws';
import type { Dialect } from './dialect.ts';
import { directStream, isInStep } from './direct-stream.ts';
import type { Flusher } from './flusher.ts';
import { FRAME_HEAD_BYTES, isPlainId, nextBytes, type TextFrame } from './frame-bytes.ts';
import type { SocketStream } from './socket-stream.ts';

/** Above this many bytes in one turn of the event loop, the outbox is flushed at once. */
const FLUSH_AT_BYTES = 65_536;

const NO_BYTES = Buffer.alloc(0);

interface PongFrame {
  readonly kind: 'pong';
  readonly data: Buffer;
  readonly written: ((error?: Error) => void) | undefined;
}

type Frame = TextFrame | PongFrame;

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
  readonly stream: SocketStream | undefined;
  readonly dialect: Pick<Dialect, 'encodeNext' | 'nextEnvelope'>;
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
  readonly #stream: SocketStream | undefined;
  /** The stream again, if frames may be written to it past the socket. */
  readonly #direct: Socket | undefined;
  readonly #dialect: OutboxOptions['dialect'];
  readonly #flusher: Flusher;
  readonly #limitBytes: number;
  readonly #owner: OutboxOwner;
  /** Absent while there are none. */
  #frames: Frame[] | undefined;
  #collectedBytes = 0;
  /** What may still wait of a frame that found nothing waiting: it does not count. */
  #exemptBytes = 0;
  /** Whether the system had not taken all when it was last looked at. */
  #hasBacklog = false;
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#socket = options.socket;
    this.#stream = options.stream;
    this.#direct = directStream(options.socket, options.stream);
    this.#dialect = options.dialect;
    this.#flusher = options.flusher;
    this.#limitBytes = options.limitBytes;
    this.#owner = options.owner;
    this.#sendPong = this.#socket.pong;
    // `ws` answers pings by this method; an own property puts the answers in line.
    this.#socket.pong = (data?: unknown, _mask?: unknown, written?: unknown): void => {
      this.#pushPong({
        kind: 'pong',
        data: Buffer.isBuffer(data) ? data : Buffer.alloc(0),
        written: isCallback(written) ? written : undefined,
      });
    };
  }

  readonly #sendPong: WebSocket['pong'];

  /** Bytes that wait: collected in this turn, or taken by the socket and not by the system yet. */
  get bufferedBytes(): number {
    // Asked for each frame: a socket without a backlog is left alone.
    return this.#collectedBytes + (this.#hasBacklog ? this.backlogBytes : 0);
  }

  /** Whether it takes nothing more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes that the socket has taken and the system has not. */
  get backlogBytes(): number {
    const bytes = this.#socket.bufferedAmount;
    this.#hasBacklog = bytes > 0;
    return bytes;
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

  /** Adds the text frame of one result. */
  pushNext(id: WireId, resultJson: string): void {
    if (this.#isClosed) return;
    const { encodeNext, nextEnvelope } = this.#dialect;
    if (this.#direct === undefined || !isPlainId(id)) return this.push(encodeNext(id, resultJson));
    const resultBytes = this.#flusher.frames.byteLength(resultJson);
    const frame = { kind: 'next', id, resultJson, resultBytes } as const;
    this.#collect(frame, nextBytes(nextEnvelope, frame) + FRAME_HEAD_BYTES);
  }

  /** Writes what was collected. */
  flush(): void {
    const frames = this.#frames;
    if (frames === undefined) return;
    const bytes = this.#collectedBytes;
    this.#frames = undefined;
    this.#flusher.collectedBytes -= bytes;
    this.#flusher.sentBytes += bytes;
    this.#collectedBytes = 0;
    if (!this.#writeDirectly(frames, bytes)) this.#send(frames);
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
    this.#frames = undefined;
    this.#flusher.collectedBytes -= this.#collectedBytes;
    this.#collectedBytes = 0;
    this.#flusher.forget(this);
  }

  #pushPong(frame: PongFrame): void {
    if (this.#isClosed) return frame.written?.();
    this.#collect(frame, frame.data.length + FRAME_HEAD_BYTES);
  }

  #collect(frame: Frame, bytes: number): void {
    const waiting = this.bufferedBytes;
    // Or the `complete` after a result of more than the limit would close a client who reads.
    this.#exemptBytes = waiting === 0 ? bytes : Math.min(this.#exemptBytes, waiting);
    if (waiting + bytes > this.#limitBytes + this.#exemptBytes) {
      this.#owner.outboxOverflowed();
      return;
    }
    const isFirst = this.#frames === undefined;
    if (this.#frames === undefined) this.#frames = [frame];
    else this.#frames.push(frame);
    this.#collectedBytes += bytes;
    this.#flusher.collectedBytes += bytes;
    if (this.#collectedBytes >= FLUSH_AT_BYTES) this.flush();
    else if (isFirst) this.#flusher.add(this);
    this.#flusher.enforceTotal();
  }

  /** Writes frames past the socket; false when they have to go through it. */
  #writeDirectly(frames: readonly Frame[], mostBytes: number): boolean {
    const stream = this.#direct;
    if (stream === undefined || !frames.every(isText)) return false;
    const { backlogBytes } = this;
    if (!isInStep(this.#socket, stream, backlogBytes)) return false;
    const size = { mostBytes, hasBacklog: backlogBytes > 0 };
    const { nextEnvelope } = this.#dialect;
    if (this.#flusher.frames.write(stream, frames, nextEnvelope, size)) return true;
    // Nobody else says when all before it is taken: 'drain' tells of large backlogs only.
    stream.write(NO_BYTES, () => this.#written());
    this.#watch();
    return true;
  }

  #send(frames: readonly Frame[]): void {
    // Corking costs more than it saves when there is one frame only.
    const isCorked = frames.length > 1;
    if (isCorked) this.#stream?.cork();
    const written = (): void => this.#written();
    for (const [index, frame] of frames.entries()) {
      this.#write(frame, index === frames.length - 1 ? written : undefined);
    }
    if (isCorked) this.#stream?.uncork();
    if (this.backlogBytes > 0) this.#watch();
  }

  #watch(): void {
    this.#hasBacklog = true;
    this.#flusher.watch(this);
  }

  #write(frame: Frame, written: (() => void) | undefined): void {
    if (typeof frame === 'string') {
      this.#socket.send(frame, written);
    } else if (frame.kind === 'next') {
      this.#socket.send(this.#dialect.encodeNext(frame.id, frame.resultJson), written);
    } else {
      this.#sendPong.call(this.#socket, frame.data, false, (error) => {
        frame.written?.(error);
        written?.();
      });
    }
  }

  /** The system has taken the last frame of a flush, or the socket is gone. */
  #written(): void {
    if (!this.#isClosed && this.isWritable) this.#owner.outboxDrained();
  }
}

function isText(frame: Frame): frame is TextFrame {
  return typeof frame === 'string' || frame.kind === 'next';
}

function isCallback(value: unknown): value is (error?: Error) => void {
  return typeof value === 'function';
}
