import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

import { Line } from './line.ts';
import { type Frame, showBytes } from './show-frame.ts';
import type { Transcript } from './transcript.ts';

/** How a connection ended: as the server said, or 1006 when it said nothing. */
export interface CloseEvent {
  readonly code: number;
  readonly reason: string;
}

/** Who is told what arrives, synchronously and in order. */
export interface LinkListener {
  /** @param line - the number of its line in the transcript */
  onFrame(frame: Frame, line: number): void;
  onSent(frame: Frame): void;
  /** @param isOurs - did this side begin to close, or drop the socket? */
  onClose(event: CloseEvent, isOurs: boolean): void;
}

/** An open websocket, as `dial` hands it over: before its first message can arrive. */
export interface OpenWebSocket {
  readonly webSocket: WebSocket;
  /** What carries it. */
  readonly socket: Duplex;
  /** What the server chose; '' when it chose nothing. */
  readonly protocol: string;
  readonly headers: IncomingHttpHeaders;
}

interface Fence {
  readonly data: string;
  readonly passed: () => void;
  readonly failed: () => void;
}

/** Frames in and out of one websocket, all of them written down. */
export class Link {
  readonly protocol: string;
  readonly headers: IncomingHttpHeaders;
  readonly transcript: Transcript;
  readonly closed: Promise<CloseEvent>;

  readonly #webSocket: WebSocket;
  readonly #fences: Fence[] = [];
  readonly #socket: Duplex;
  readonly #line: Line;
  readonly #listener: LinkListener;
  #fenceCount = 0;
  #isLeaving = false;
  #closeEvent: CloseEvent | undefined;

  constructor(opened: OpenWebSocket, transcript: Transcript, listener: LinkListener) {
    this.protocol = opened.protocol;
    this.headers = opened.headers;
    this.transcript = transcript;
    this.#webSocket = opened.webSocket;
    this.#socket = opened.socket;
    this.#line = new Line(opened.socket);
    this.#listener = listener;
    this.#webSocket.on('message', (data, isBinary) => {
      const frame = readFrame(data, isBinary);
      listener.onFrame(frame, transcript.received(frame));
    });
    this.#webSocket.on('ping', () => transcript.note('←', 'websocket ping'));
    this.#webSocket.on('pong', (data) => this.#passFence(data.toString()));
    // A frame that breaks the websocket protocol; the close follows.
    this.#webSocket.on('error', (error) => transcript.note('✕', `error: ${error.message}`));
    this.closed = new Promise((resolve) => {
      this.#webSocket.on('close', (code, reason) => {
        const event = { code, reason: reason.toString() };
        transcript.note('✕', `closed ${showClose(event)}`);
        this.#closeEvent = event;
        for (const fence of this.#fences.splice(0)) fence.failed();
        listener.onClose(event, this.#isLeaving);
        resolve(event);
      });
    });
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  get closeEvent(): CloseEvent | undefined {
    return this.#closeEvent;
  }

  /** Sends one frame. On a connection that is closing nothing is sent, as in a browser. */
  send(frame: Frame, isBinary: boolean = typeof frame !== 'string'): void {
    if (this.isOpen) {
      this.transcript.sent(frame);
      this.#listener.onSent(frame);
      this.#webSocket.send(frame, { binary: isBinary });
    } else {
      this.transcript.note('·', 'not sent, the connection is closed:');
      this.transcript.sent(frame);
    }
  }

  /** Puts bytes on the line that need not be a frame. */
  sendBytes(bytes: Uint8Array): void {
    this.transcript.note('→', `without a frame: ${showBytes(bytes)}`);
    this.#socket.write(bytes);
  }

  /**
   * Sends a websocket ping and waits for its pong.
   *
   * @returns true when all that the server had sent before has arrived, false when the connection
   *   closed first
   */
  fence(): Promise<boolean> {
    if (!this.isOpen) return Promise.resolve(false);
    this.#fenceCount += 1;
    const data = `fence ${this.#fenceCount}`;
    return new Promise((resolve) => {
      this.#fences.push({ data, passed: () => resolve(true), failed: () => resolve(false) });
      this.transcript.note('→', data);
      this.#webSocket.ping(data);
    });
  }

  close(code: number, reason: string): void {
    // On a dead line no close would be heard or answered.
    if (this.#line.isDead) return this.terminate();
    if (this.isOpen) this.transcript.note('→', `close ${showClose({ code, reason })}`);
    // Who does not read would never see the server's answer.
    if (this.#webSocket.isPaused) this.#webSocket.resume();
    this.#line.repair();
    if (this.isOpen) this.#isLeaving = true;
    this.#webSocket.close(code, reason);
  }

  terminate(): void {
    if (this.#closeEvent === undefined) this.transcript.note('→', 'socket dropped');
    this.#isLeaving = true;
    this.#webSocket.terminate();
  }

  pause(): void {
    this.transcript.note('·', 'reading paused');
    this.#webSocket.pause();
  }

  resume(): void {
    this.transcript.note('·', 'reading resumed');
    this.#line.repair();
    this.#webSocket.resume();
  }

  halfOpen(): void {
    this.transcript.note('·', 'half open: nothing is heard and nothing said');
    this.#line.kill();
  }

  slowDown(bytesPerSecond: number): void {
    this.transcript.note('·', `reading at ${bytesPerSecond} bytes per second`);
    this.#line.slowDown(bytesPerSecond);
  }

  cutAfter(bytes: number): void {
    this.transcript.note('·', `the line is cut after ${bytes} more bytes`);
    this.#isLeaving = true;
    this.#line.cutAfter(bytes);
  }

  #passFence(data: string): void {
    const index = this.#fences.findIndex((fence) => fence.data === data);
    this.transcript.note('←', index < 0 ? 'websocket pong' : data);
    // A server may answer the latest of several pings alone (RFC 6455, section 5.5.3).
    for (const fence of this.#fences.splice(0, index + 1)) fence.passed();
  }
}

/** A close as it stands in transcripts and messages: `4403 "Forbidden"`. */
export function showClose({ code, reason }: CloseEvent): string {
  return reason === '' ? String(code) : `${code} ${JSON.stringify(reason)}`;
}

function readFrame(data: RawData, isBinary: boolean): Frame {
  const bytes = readBytes(data);
  return isBinary ? bytes : bytes.toString();
}

function readBytes(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}
