import { now } from './real-timers.ts';
import { type Frame, showFrame } from './show-frame.ts';

/** `→` the client sent it, `←` it received it, `✕` the connection closed, `·` a remark. */
type Mark = '→' | '←' | '✕' | '·';

interface Entry {
  readonly atMs: number;
  readonly mark: Mark;
  readonly content: Frame;
  readonly isFrame: boolean;
}

/** So many lines of a long exchange stand in a failure's message: these first, and these last. */
const FIRST_LINES = 100;
const LAST_LINES = 300;

/** All that was exchanged on one connection, in order. */
export class Transcript {
  readonly #start = now();
  readonly #entries: Entry[] = [];

  sent(frame: Frame): void {
    this.#add('→', frame, true);
  }

  /** Returns the number of its line. */
  received(frame: Frame): number {
    this.#add('←', frame, true);
    return this.#entries.length;
  }

  /** Adds what is no message: a websocket ping, a close, a remark. */
  note(mark: Mark, text: string): void {
    this.#add(mark, text, false);
  }

  /** All lines, numbered, with the milliseconds since the connection was opened. */
  toString(): string {
    return this.#lines().join('\n');
  }

  /** All lines, without the middle of an exchange that is too long to be read. */
  toShortString(): string {
    const lines = this.#lines();
    const left = lines.length - FIRST_LINES - LAST_LINES;
    if (left <= 0) return lines.join('\n');
    return [
      ...lines.slice(0, FIRST_LINES),
      `      … ${left} lines, which transcript() has …`,
      ...lines.slice(-LAST_LINES),
    ].join('\n');
  }

  #add(mark: Mark, content: Frame, isFrame: boolean): void {
    this.#entries.push({ atMs: now() - this.#start, mark, content, isFrame });
  }

  #lines(): string[] {
    return this.#entries.map(({ atMs, mark, content, isFrame }, index) => {
      const number = String(index + 1).padStart(4);
      const time = `${atMs.toFixed(1)} ms`.padStart(11);
      return `${number} ${time}  ${mark} ${isFrame ? showFrame(content) : content}`;
    });
  }
}
