import type { RawData, WebSocket } from 'ws';

import { type CloseEvent, showClose } from '../link.ts';
import { afterMs, now } from '../real-timers.ts';
import { type Frame, showFrame } from '../show-frame.ts';
import type { Transcript } from '../transcript.ts';

/** The code of a connection that ended without a close frame (RFC 6455, section 7.1.5). */
export const ABNORMAL = 1006;

/** How long a client may take to answer a close. */
const CLOSE_TIMEOUT_MS = 500;

/** What timers can count. */
const MAX_DELAY_MS = 2_147_483_647;

/** How the server's line is for now; all sockets share it. */
export class Line {
  /** Does nothing leave any more? */
  isStalled = false;
  #delayMs = 0;

  /** Milliseconds that each message takes. */
  get delayMs(): number {
    return this.#delayMs;
  }

  /** @throws RangeError when no timer could wait so long */
  delay(ms: number): void {
    if (!(ms >= 0 && ms <= MAX_DELAY_MS)) {
      throw new RangeError(`Messages can't take ${ms} ms: give 0 to ${MAX_DELAY_MS}`);
    }
    this.#delayMs = ms;
  }
}

/** Who is told what arrives. */
export interface MockSocketOwner {
  received(frame: Frame): void;
  closed(close: CloseEvent): void;
}

/** What a {@link MockSocket} is made of. */
export interface MockSocketParts {
  readonly webSocket: WebSocket;
  /** The number of the connection, which each line of the transcript begins with. */
  readonly number: number;
  readonly line: Line;
  readonly transcript: Transcript;
}

interface Waiting {
  readonly frame: string;
  readonly dueAt: number;
}

/** The server's end of a socket: frames leave in order, late or held, and all is written down. */
export class MockSocket {
  /** Resolves with how it has closed, when the owner has been told. */
  readonly closed: Promise<CloseEvent>;
  readonly #webSocket: WebSocket;
  readonly #number: number;
  readonly #line: Line;
  readonly #transcript: Transcript;
  readonly #waiting: Waiting[] = [];
  #cancelPump: (() => void) | undefined;
  #cancelClosing: (() => void) | undefined;
  #sentClose: CloseEvent | undefined;

  constructor({ webSocket, number, line, transcript }: MockSocketParts, owner: MockSocketOwner) {
    this.#webSocket = webSocket;
    this.#number = number;
    this.#line = line;
    this.#transcript = transcript;
    webSocket.on('message', (data, isBinary) => {
      const frame = readFrame(data, isBinary);
      this.#note('→', showFrame(frame));
      owner.received(frame);
    });
    // A frame that breaks the websocket protocol; the close follows.
    webSocket.on('error', ({ message }) => this.remark(`error: ${message}`));
    this.closed = new Promise((resolve) => {
      webSocket.on('close', (code, reason) => {
        const heard = { code, reason: reason.toString() };
        this.#note('✕', `closed ${showClose(heard)}`);
        this.#cancelClosing?.();
        this.#empty(false);
        // Who gave no answer was closed with what was said.
        const close = code === ABNORMAL && this.#sentClose ? this.#sentClose : heard;
        owner.closed(close);
        resolve(close);
      });
    });
  }

  /** Adds what is no message to the transcript. */
  remark(text: string): void {
    this.#note('·', text);
  }

  send(frame: string): void {
    this.#waiting.push({ frame, dueAt: now() + this.#line.delayMs });
    this.#pump();
  }

  /** Reads nothing more, not even pings, until `resume`. */
  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
    this.#pump();
  }

  /** Says what still waits, unless the line is stalled, and closes; a client may take its time. */
  close({ code, reason }: CloseEvent): void {
    this.#empty(!this.#line.isStalled);
    this.#note('←', `close ${showClose({ code, reason })}`);
    // Who does not read would never see the client's answer.
    this.#webSocket.resume();
    this.#webSocket.close(code, reason);
    this.#sentClose = { code, reason };
    this.#cancelClosing = afterMs(CLOSE_TIMEOUT_MS, () => {
      this.remark('the client does not answer the close');
      this.drop();
    });
  }

  /** Goes without a close frame; what waits is lost. */
  drop(): void {
    this.remark('socket dropped');
    this.#empty(false);
    this.#webSocket.terminate();
  }

  /** Writes what is due, unless the line is stalled. */
  #pump(): void {
    this.#cancelPump?.();
    this.#cancelPump = undefined;
    if (this.#line.isStalled) return;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const restMs = next.dueAt - now();
      if (restMs > 0) {
        this.#cancelPump = afterMs(Math.ceil(restMs), () => this.#pump());
        return;
      }
      this.#waiting.shift();
      this.#write(next.frame);
    }
  }

  /** Nothing waits any more: it leaves now, or is lost. */
  #empty(isSaid: boolean): void {
    this.#cancelPump?.();
    this.#cancelPump = undefined;
    const rest = this.#waiting.splice(0);
    if (isSaid) for (const { frame } of rest) this.#write(frame);
  }

  #write(frame: string): void {
    this.#note('←', showFrame(frame));
    this.#webSocket.send(frame);
  }

  #note(mark: '→' | '←' | '✕' | '·', text: string): void {
    this.#transcript.note(mark, `#${this.#number} ${text}`);
  }
}

function readFrame(data: RawData, isBinary: boolean): Frame {
  return isBinary && Buffer.isBuffer(data) ? data : data.toString();
}
