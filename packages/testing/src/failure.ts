import { AssertionError } from 'node:assert';

import { areTimersFaked } from './real-timers.ts';
import type { Transcript } from './transcript.ts';

/** An expectation that did not come true. */
export interface Failure {
  /** What was expected, as a sentence: `Expected operation op1 to complete`. */
  readonly expectation: string;
  /** What happened instead, as the end of that sentence: `it received next {"data":null}`. */
  readonly outcome: string;
  readonly actual: unknown;
  readonly expected: unknown;
  /** More sentences, one line each. */
  readonly notes?: readonly string[];
  /** Did nothing happen in time? */
  readonly isTimeout?: boolean;
}

/** What an error tells about the connection besides the failure. */
export interface Surroundings {
  readonly transcript: Transcript;
  /** What waits unread, one line each: `operation op2: complete`. */
  readonly unread: readonly string[];
}

/** The error of a failed expectation; its message shows the whole exchange. */
export function failureError(failure: Failure, surroundings: Surroundings): AssertionError {
  const { expectation, outcome, actual, expected, notes = [], isTimeout = false } = failure;
  const lines = [`${expectation}, but ${outcome}`, ...notes];
  if (isTimeout && areTimersFaked()) {
    lines.push('Timers are faked: what the server does later waits until you advance them');
  }
  const { transcript, unread } = surroundings;
  lines.push('', 'The exchange:', transcript.toShortString());
  const legend = transcript.legend();
  if (legend !== '') lines.push('', `Ids: ${legend}`);
  lines.push('', 'Unread:', ...indented(unread));
  // Without an operator: Node would append a diff to the message, which runners show anyway.
  return new AssertionError({ message: lines.join('\n'), actual, expected });
}

function indented(lines: readonly string[]): string[] {
  return lines.length === 0 ? ['  nothing'] : lines.map((line) => `  ${line}`);
}
