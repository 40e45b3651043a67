import { Fifo } from '../operation/fifo.ts';
import type { Scheduler } from '../operation/scheduler.ts';
import { FrameWriter } from './frame-writer.ts';
import type { Outbox } from './outbox.ts';

/** How long writing may keep the event loop at a time. */
const SLICE_MS = 4;

/** How many outboxes are written between two looks at the clock. */
const CLOCK_EVERY = 8;

/**
 * How many outboxes may wait to be written before nothing more is made for subscribers. What is
 * made long before it is written only fills memory, and what more arrives for a subscriber
 * meanwhile leaves in the same write.
 */
const HOLD_AT = 1_024;

// Taken once: faked timers of an app's tests must not stop what is sent.
const nextTurn = setImmediate;
const now = performance.now.bind(performance);

/**
 * Writes all outboxes at the end of a turn of the event loop, a few milliseconds at a time, and
 * bounds what waits in the whole process.
 */
export class Flusher {
  /** What the outboxes write with. */
  readonly frames: FrameWriter = new FrameWriter();
  readonly #limitBytes: number;
  readonly #scheduler: Scheduler;
  readonly #dirty = new Fifo<Outbox>();
  readonly #backlogged = new Set<Outbox>();
  #backlogBytes = 0;
  /** The part of it that waits for clients who were closed. */
  #closingBytes = 0;
  #isBooked = false;
  /** Bytes collected in this turn by all outboxes; they keep it. */
  collectedBytes = 0;
  /** Bytes handed to sockets so far by all outboxes; they count them. */
  sentBytes = 0;

  constructor(limitBytes: number, scheduler: Scheduler) {
    this.#limitBytes = limitBytes;
    this.#scheduler = scheduler;
  }

  /** Bytes that wait for clients. */
  get bufferedBytes(): number {
    // Nobody says so when a socket gets rid of its backlog.
    this.#measure();
    return this.#knownBytes;
  }

  /** Bytes that wait, as far as it was measured: cheap enough to be asked for each frame. */
  get #knownBytes(): number {
    return this.collectedBytes + this.#backlogBytes;
  }

  /** Whether nothing is collected that was not given to its socket. */
  get isIdle(): boolean {
    return this.#dirty.size === 0;
  }

  /** Has `outbox` written at the end of this turn. */
  add(outbox: Outbox): void {
    this.#dirty.push(outbox);
    if (this.#dirty.size >= HOLD_AT) this.#scheduler.hold();
    this.#book();
  }

  /** Counts the backlog of `outbox` until the system has taken it. */
  watch(outbox: Outbox): void {
    this.#backlogged.add(outbox);
    // A frame that was written at once is measured at the end of this turn as well.
    this.#book();
  }

  /** Forgets an outbox whose socket is gone. */
  forget(outbox: Outbox): void {
    this.#backlogged.delete(outbox);
  }

  /** Closes the clients with the largest backlogs while the process holds more than its limit. */
  enforceTotal(): void {
    if (this.#knownBytes <= this.#limitBytes) return;
    // What is collected may be for clients who read: that is known once it was written.
    while (this.#dirty.size > 0) this.#dirty.shift()?.flush();
    this.#measure();
    let excess = this.#knownBytes - this.#closingBytes - this.#limitBytes;
    while (excess > 0) {
      const largest = this.#largest(({ isClosed }) => !isClosed);
      if (largest === undefined) return;
      excess -= largest.backlogBytes;
      largest.overflow();
      this.#book();
    }
    this.#measure();
  }

  /** Who was told to go a turn ago and has not read it holds memory that is needed. */
  #cutOffClosing(): void {
    while (this.#knownBytes > this.#limitBytes) {
      const largest = this.#largest(({ isClosed }) => isClosed);
      if (largest === undefined) return;
      this.#backlogged.delete(largest);
      largest.cutOff();
      this.#measure();
    }
  }

  #flush(): void {
    this.#isBooked = false;
    const endsAt = now() + SLICE_MS;
    for (let flushed = 1; this.#dirty.size > 0; flushed += 1) {
      this.#dirty.shift()?.flush();
      if (flushed % CLOCK_EVERY === 0 && now() >= endsAt) break;
    }
    if (this.#backlogged.size > 0) {
      this.#measure();
      this.#cutOffClosing();
      this.enforceTotal();
    }
    if (this.#dirty.size > 0) return this.#book();
    this.frames.forget();
    this.#scheduler.release();
  }

  #book(): void {
    if (this.#isBooked) return;
    this.#isBooked = true;
    nextTurn(() => this.#flush());
  }

  #measure(): void {
    let [bytes, closingBytes] = [0, 0];
    for (const outbox of this.#backlogged) {
      const backlog = outbox.backlogBytes;
      if (backlog === 0) this.#backlogged.delete(outbox);
      bytes += backlog;
      if (outbox.isClosed) closingBytes += backlog;
    }
    this.#backlogBytes = bytes;
    this.#closingBytes = closingBytes;
  }

  #largest(isMeant: (outbox: Outbox) => boolean): Outbox | undefined {
    let largest: Outbox | undefined;
    for (const outbox of this.#backlogged) {
      if (!isMeant(outbox)) continue;
      if (largest === undefined || outbox.backlogBytes > largest.backlogBytes) largest = outbox;
    }
    return largest;
  }
}
