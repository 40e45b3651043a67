import type { WireId } from '@groupcast/protocol';

import { OperationNames } from './operation-names.ts';
import { now } from './real-timers.ts';
import { type Frame, idIn, showFrame } from './show-frame.ts';

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
  readonly #names = new OperationNames();
  /** So many entries were looked at for ids. */
  #namedCount = 0;

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

  /** What an id is called in each line: op1 for the first that appears, and so on. */
  nameOf(id: WireId): string {
    if (!this.#names.has(id)) this.#nameAll();
    return this.#names.nameOf(id);
  }

  /** A frame as it stands in a line. */
  show(frame: Frame): string {
    return showFrame(frame, (id) => this.nameOf(id));
  }

  /** Which ids the names stand for, where that is not plain to see; else empty. */
  legend(): string {
    this.#nameAll();
    return this.#names.legend();
  }

  /** All lines, numbered, with the milliseconds since the connection was opened. */
  toString(): string {
    return this.#timedLines().join('\n');
  }

  /** All lines, numbered, without what differs from run to run. */
  toStableString(): string {
    return this.#lines(({ mark }) => `  ${mark}`).join('\n');
  }

  /** All lines, without the middle of an exchange that is too long to be read. */
  toShortString(): string {
    const lines = this.#timedLines();
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

  /** Gives names to the ids of all lines, in their order. */
  #nameAll(): void {
    for (const { content, isFrame } of this.#entries.slice(this.#namedCount)) {
      const id = isFrame ? idIn(content) : undefined;
      if (id !== undefined) this.#names.nameOf(id);
    }
    this.#namedCount = this.#entries.length;
  }

  #timedLines(): string[] {
    return this.#lines(({ atMs, mark }) => `${`${atMs.toFixed(1)} ms`.padStart(12)}  ${mark}`);
  }

  #lines(margin: (entry: Entry) => string): string[] {
    return this.#entries.map((entry, index) => {
      const { content, isFrame } = entry;
      const number = String(index + 1).padStart(4);
      return `${number}${margin(entry)} ${isFrame ? this.show(content) : content}`;
    });
  }
}
