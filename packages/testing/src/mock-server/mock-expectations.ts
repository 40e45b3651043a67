import { AssertionError } from 'node:assert';
import { Changes } from '../changes.ts';
import type { Failure } from '../failure.ts';
import { areTimersFaked } from '../real-timers.ts';
import { Transcript } from '../transcript.ts';

/** Something that may still come true. */
export interface Awaited<T> {
  /** What is expected, as a sentence: `Expected a client to connect`. */
  readonly expectation: string;
  readonly expected: unknown;
  /** What has come; undefined until then. */
  find(): T | undefined;
  /** What there is when it does not come, as the end of the sentence. @default `nothing came` */
  instead?(): string;
}

/** Lets the expectations of a server's handles wait, and fail with all that was exchanged. */
export class MockExpectations {
  /** All that the server has exchanged with its clients. */
  readonly transcript: Transcript = new Transcript();
  readonly #changes = new Changes();
  readonly #timeoutMs: number;
  readonly #running: () => readonly string[];

  /**
   * @param timeoutMs - how long each waits, in real time
   * @param running - the operations that run now, one line each
   */
  constructor(timeoutMs: number, running: () => readonly string[]) {
    this.#timeoutMs = timeoutMs;
    this.#running = running;
  }

  /** Something has changed: who waits looks again. */
  notify(): void {
    this.#changes.notify();
  }

  /** Nothing will change any more. */
  end(): void {
    this.#changes.end();
  }

  /** Waits until it comes true; rejects with an `AssertionError` when it does not in time. */
  async until<T>(awaited: Awaited<T>): Promise<T> {
    const timeoutMs = this.#timeoutMs;
    const found = await this.#changes.until(() => awaited.find(), timeoutMs);
    if (found.kind === 'found') return found.value;
    const isTimeout = found.kind === 'timeout';
    const { expectation, expected, instead = () => 'nothing came' } = awaited;
    const when = isTimeout ? `within ${timeoutMs} ms` : 'before the server was closed';
    const outcome = `${instead()} ${when}`;
    throw this.failure({ expectation, outcome, actual: found.kind, expected, isTimeout });
  }

  /** The error of an expectation; its message shows what was exchanged and what runs. */
  failure(failure: Failure): AssertionError {
    const { expectation, outcome, actual, expected, isTimeout = false } = failure;
    const lines = [`${expectation}, but ${outcome}`];
    if (isTimeout && areTimersFaked()) {
      lines.push('Timers are faked: what the client does later waits until you advance them');
    }
    lines.push('', 'The exchange, by connection:', this.transcript.toShortString() || '  nothing');
    const running = this.#running();
    lines.push('', 'Running:', ...(running.length > 0 ? running : ['nothing']).map(indented));
    return new AssertionError({ message: lines.join('\n'), actual, expected });
  }
}

function indented(line: string): string {
  return `  ${line}`;
}
