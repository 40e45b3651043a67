import type { Duplex } from 'node:stream';

import { afterMs, now } from './real-timers.ts';

type Written = (error?: Error | null) => void;

/** So often a slow line lets bytes through. */
const TICK_MS = 10;

/**
 * The line behind a socket, and what may be wrong with it.
 *
 * It puts itself between the socket and what moves its bytes, a network or memory, and only when
 * the first fault is asked for: a healthy connection is not touched.
 */
export class Line {
  readonly #socket: Duplex;
  /** What has come from the other side and waits for its turn; null is the end. */
  #held: (Uint8Array | null)[] = [];
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  #cancelTick: (() => void) | undefined;
  #isMute = false;
  #bytesUntilCut = Number.POSITIVE_INFINITY;
  /** How the bytes move without us; undefined as long as they do. */
  #original: Pick<Duplex, 'push' | '_read' | 'write'> | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  get isDead(): boolean {
    return this.#isMute;
  }

  /** Lets bytes in at this rate; the other side has to wait. 0 lets none in. */
  slowDown(bytesPerSecond: number): void {
    this.#intervene();
    this.#bytesPerSecond = bytesPerSecond;
    this.#schedule();
  }

  /** Lets nothing out and nothing in, and closes nothing. */
  kill(): void {
    this.#isMute = true;
    this.slowDown(0);
  }

  /** Lets so many bytes out, then drops the socket. */
  cutAfter(bytes: number): void {
    this.#intervene();
    this.#bytesUntilCut = bytes;
    if (bytes === 0) this.#socket.destroy();
  }

  /** Lets everything through again; what was not let out is lost. */
  repair(): void {
    this.#isMute = false;
    this.#bytesPerSecond = Number.POSITIVE_INFINITY;
    this.#schedule();
  }

  #intervene(): void {
    if (this.#original) return;
    const socket = this.#socket;
    const { push, _read, write } = socket;
    this.#original = {
      push: push.bind(socket),
      _read: _read.bind(socket),
      write: write.bind(socket),
    };
    socket.push = (chunk: Uint8Array | null) => {
      this.#held.push(chunk);
      this.#schedule();
      return false;
    };
    socket._read = (size) => {
      // Else the other side would go on while what it has sent still waits here.
      if (this.#held.length === 0) this.#original?._read(size);
    };
    socket.write = (chunk: Uint8Array, encoding?: BufferEncoding | Written, written?: Written) =>
      this.#write(chunk, typeof encoding === 'function' ? encoding : written);
    socket.once('close', () => this.#cancelTick?.());
  }

  #write(chunk: Uint8Array | string, written: Written = () => {}): boolean {
    if (this.#original === undefined || this.#isMute || this.#bytesUntilCut === 0) {
      written();
      return true;
    }
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (bytes.length < this.#bytesUntilCut) {
      this.#bytesUntilCut -= bytes.length;
      return this.#original.write(bytes, written);
    }
    const last = bytes.subarray(0, this.#bytesUntilCut);
    this.#bytesUntilCut = 0;
    return this.#original.write(last, () => this.#socket.destroy());
  }

  #schedule(): void {
    if (this.#cancelTick || this.#held.length === 0 || this.#bytesPerSecond === 0) return;
    const from = now();
    const delayMs = this.#bytesPerSecond === Number.POSITIVE_INFINITY ? 0 : TICK_MS;
    this.#cancelTick = afterMs(delayMs, () => {
      this.#cancelTick = undefined;
      this.#letIn(this.#bytesPerSecond * ((now() - from) / 1_000));
      this.#schedule();
    });
  }

  /** Lets at most so many bytes in, at least one. */
  #letIn(budget: number): void {
    let left = Math.max(1, Math.floor(budget));
    while (left > 0 && this.#held.length > 0 && !this.#socket.destroyed) {
      const [first] = this.#held;
      if (first && first.length > left) {
        this.#held[0] = first.subarray(left);
        this.#original?.push(first.subarray(0, left));
        return;
      }
      this.#held.shift();
      this.#original?.push(first);
      left -= first?.length ?? 0;
    }
    this.#socket._read(0);
  }
}
