import { AssertionError } from 'node:assert';

import type { Failure } from '../failure.ts';
import { areTimersFaked } from '../real-timers.ts';
import { type Frame, showFrame } from '../show-frame.ts';
import { Transcript } from '../transcript.ts';
import type { Found } from './changes.ts';

/** An expectation for which nothing came. */
export interface Absence {
  readonly expectation: string;
  readonly expected: unknown;
  /** What there is instead, as the end of the sentence. @default `nothing came` */
  readonly instead?: string;
}

/** All that a server has exchanged with its clients, and the failures that show it. */
export class MockLog {
  readonly #transcript = new Transcript();
  readonly #running: () => readonly string[];

  /** @param running - the operations that run now, one line each */
  constructor(running: () => readonly string[]) {
    this.#running = running;
  }

  /** @param connection - its number */
  received(connection: number, frame: Frame): void {
    this.#transcript.note('→', `#${connection} ${showFrame(frame)}`);
  }

  sent(connection: number, frame: string): void {
    this.#transcript.note('←', `#${connection} ${showFrame(frame)}`);
  }

  closing(connection: number, how: string): void {
    this.#transcript.note('←', `#${connection} close ${how}`);
  }

  closed(connection: number, how: string): void {
    this.#transcript.note('✕', `#${connection} closed ${how}`);
  }

  /** Adds what is no message. */
  remark(text: string): void {
    this.#transcript.note('·', text);
  }

  /** All of it, one line each. */
  toString(): string {
    return this.#transcript.toString();
  }

  /** The error of an expectation; its message shows what was exchanged and what runs. */
  failure(failure: Failure): AssertionError {
    const { expectation, outcome, actual, expected, isTimeout = false } = failure;
    const lines = [`${expectation}, but ${outcome}`];
    if (isTimeout && areTimersFaked()) {
      lines.push('Timers are faked: what the client does later waits until you advance them');
    }
    const running = this.#running();
    lines.push('', 'The exchange, by connection:', this.#transcript.toShortString() || '  nothing');
    lines.push('', 'Running:', ...(running.length > 0 ? running : ['nothing']).map(indented));
    return new AssertionError({ message: lines.join('\n'), actual, expected });
  }

  /** The error of an expectation for which nothing came in time, or nothing can come any more. */
  absence(
    kind: Exclude<Found<never>['kind'], 'found'>,
    timeoutMs: number,
    { expectation, expected, instead = 'nothing came' }: Absence,
  ): AssertionError {
    const isTimeout = kind === 'timeout';
    const until = isTimeout ? `within ${timeoutMs} ms` : 'before the server was closed';
    const outcome = `${instead} ${until}`;
    return this.failure({ expectation, outcome, actual: kind, expected, isTimeout });
  }
}

function indented(line: string): string {
  return `  ${line}`;
}
