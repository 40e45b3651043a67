import type { AssertionError } from 'node:assert';
import type { Subprotocol } from '@groupcast/protocol';

import { Breaches } from './breaches.ts';
import type { Breach } from './conduct.ts';
import { type Failure, failureError } from './failure.ts';
import { Inbox } from './inbox.ts';
import { type Link, showClose } from './link.ts';
import { assertTicksAreReal, withRealImmediates } from './real-timers.ts';

/** What expectations of one connection need to know of it. */
export interface ExpectationSettings {
  readonly subprotocol: Subprotocol;
  readonly timeoutMs: number;
  /** What has arrived and was not read, one line each. */
  unread(): string[];
  link(): Link;
}

/** How the expectations of one connection wait, and the errors by which they fail. */
export class Expectations {
  readonly breaches: Breaches;
  readonly #settings: ExpectationSettings;
  /** Sends those away who wait. */
  readonly #interrupts = new Set<() => void>();
  #breachError: AssertionError | undefined;

  constructor(settings: ExpectationSettings) {
    this.#settings = settings;
    this.breaches = new Breaches(settings.subprotocol);
  }

  /** Takes the next item of a queue; rejects with the error of an expectation. */
  async take<T extends object>(
    inbox: Inbox<T>,
    expectation: string,
    expected: unknown,
    timeoutMs: number = this.#settings.timeoutMs,
  ): Promise<T> {
    assertTicksAreReal();
    // Before an item is taken, so that none is lost.
    this.assertConduct();
    const interrupt = () => inbox.interrupt();
    this.#interrupts.add(interrupt);
    const taken = await withRealImmediates(() => inbox.take(timeoutMs));
    this.#interrupts.delete(interrupt);
    if (taken.kind === 'item') return taken.item;
    if (taken.kind !== 'interrupted') throw this.absence(taken.kind, expectation, expected);
    // Several may be sent away by one breach: all are told of it.
    throw this.#takeBreachError() ?? this.#breachError;
  }

  /** Waits for a promise that does not reject; rejects with the error of an expectation. */
  async wait<T>(promise: Promise<T>, expectation: string, expected: unknown): Promise<T> {
    const outcome = new Inbox<{ readonly value: T }>();
    void promise.then((value) => outcome.put({ value }));
    const { value } = await this.take(outcome, expectation, expected);
    return value;
  }

  /** The server has broken a rule: who waits is told, or whoever comes next. */
  addBreach(breach: Breach): void {
    if (!this.breaches.add(breach)) return;
    for (const interrupt of this.#interrupts) interrupt();
  }

  /** Throws when the server has broken a rule and no expectation has told of it yet. */
  assertConduct(): void {
    const error = this.#takeBreachError();
    if (error) throw error;
  }

  /**
   * The error of an expectation, with the whole exchange in its message.
   *
   * A broken rule explains more than what came of it, so it is told instead.
   */
  failure(failure: Failure): AssertionError {
    return this.#takeBreachError() ?? this.#toError(failure);
  }

  /** The error of an expectation for which nothing came. */
  absence(kind: 'timeout' | 'ended', expectation: string, expected: unknown): AssertionError {
    const { closeEvent } = this.#settings.link();
    if (kind === 'timeout') {
      const outcome = `nothing came within ${this.#settings.timeoutMs} ms`;
      return this.failure({ expectation, outcome, actual: 'nothing', expected, isTimeout: true });
    }
    return closeEvent
      ? this.failure({
          expectation,
          outcome: `the connection closed with ${showClose(closeEvent)}`,
          actual: closeEvent,
          expected,
        })
      : this.failure({ expectation, outcome: 'it had ended', actual: 'ended', expected });
  }

  #takeBreachError(): AssertionError | undefined {
    const breach = this.breaches.take();
    if (breach === undefined) return undefined;
    this.#breachError = this.#toError(breach);
    return this.#breachError;
  }

  #toError(failure: Failure): AssertionError {
    const { link, unread } = this.#settings;
    return failureError(failure, { transcript: link().transcript, unread: unread() });
  }
}
