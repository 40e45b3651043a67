import type { AssertionError } from 'node:assert';
import type { FormattedError, JsonObject, ResultPayload } from '@groupcast/protocol';

import type { Exchange } from './exchange.ts';
import { matches, showExpected } from './matching.ts';
import { type OperationEvent, refusalIn, showEvent } from './operation-event.ts';
import type { OperationFeed } from './operation-feed.ts';
import { now } from './real-timers.ts';
import { show } from './show.ts';

/** What the errors of a failed operation must be: a part of a message, a pattern, or your check. */
export type ErrorMatch = string | RegExp | ((errors: readonly FormattedError[]) => boolean);

/** Your check of a result's data. */
export type DataCheck = (data: unknown) => boolean;

/**
 * One operation on a connection, with a queue of its own: what arrives for it waits here until an
 * expectation takes it, in order.
 *
 * Each expectation throws an `AssertionError` that shows the whole exchange when it does not come
 * true within the connection's `timeoutMs`; a later one goes on with what arrives later.
 */
export class TestOperation {
  /** The id, as text. */
  readonly id: string;
  readonly #feed: OperationFeed;
  readonly #exchange: Exchange;

  /** @internal */
  constructor(feed: OperationFeed, exchange: Exchange) {
    this.id = String(feed.wireId);
    this.#feed = feed;
    this.#exchange = exchange;
  }

  /** How many messages have arrived that no expectation has taken. */
  get unread(): number {
    return this.#feed.inbox.unread.length;
  }

  /** Takes the next result, whole; fails when the operation ends instead. */
  async next(): Promise<ResultPayload> {
    const expectation = this.#expected('to have a result');
    const event = await this.#take(expectation, 'a result');
    if (event.type === 'next') return event.payload;
    throw this.#mismatch(expectation, event, { type: 'next' });
  }

  /**
   * Takes the next result, which must have no errors and exactly this data, or data that your check
   * accepts. Matchers such as `expect.any(String)` may stand for values.
   */
  async expectNext(data: JsonObject | DataCheck): Promise<void> {
    const isCheck = typeof data === 'function';
    const expected = { type: 'next', payload: { data } };
    const wanted = isCheck ? 'data that fit' : showExpected({ data });
    const expectation = this.#expected(`to have ${isCheck ? '' : 'the result '}${wanted}`);
    const event = await this.#take(expectation, expected);
    if (event.type !== 'next') throw this.#mismatch(expectation, event, expected);

    const { extensions: _, ...payload } = event.payload;
    const isFine = isCheck
      ? payload.errors === undefined && data(payload.data)
      : matches(payload, { data });
    if (!isFine) throw this.#mismatch(expectation, event, expected);
  }

  /**
   * Takes results until one fits, which it gives back; those before it are skipped.
   *
   * Fails when none comes within the connection's `timeoutMs`, or when the operation ends.
   */
  async until(fits: (result: ResultPayload) => boolean): Promise<ResultPayload> {
    const giveUpAt = now() + this.#exchange.timeoutMs;
    for (let skipped = 0; ; skipped += 1) {
      const before = skipped === 0 ? '' : ` after ${skipped} that did not`;
      const expectation = this.#expected(`to have a result that fits${before}`);
      const event = await this.#take(expectation, fits, Math.max(0, giveUpAt - now()));
      if (event.type !== 'next') throw this.#mismatch(expectation, event, fits);
      if (fits(event.payload)) return event.payload;
    }
  }

  /** Takes the next result, whose payload must be exactly this, extensions included. */
  async expectResult(payload: ResultPayload): Promise<void> {
    const expected = { type: 'next', payload };
    const expectation = this.#expected(`to have the result ${showExpected(payload)}`);
    const event = await this.#take(expectation, expected);
    if (!matches(event, expected)) throw this.#mismatch(expectation, event, expected);
  }

  /**
   * Takes the failure of the operation as a whole, which ends it.
   *
   * In the modern subprotocol that is `error`; in the legacy one either `error` or a result with
   * errors and without data, followed by `complete`. An error inside of a result is none.
   */
  async expectError(match?: ErrorMatch): Promise<readonly FormattedError[]> {
    const wanted = match === undefined ? '' : ` with errors that match ${show(match)}`;
    const expectation = this.#expected(`to fail${wanted}`);
    const expected = { type: 'error', ...(match !== undefined && { errors: match }) };
    const event = await this.#take(expectation, expected);

    const errors = await this.#readFailure(event, expectation);
    if (errors === undefined) throw this.#mismatch(expectation, event, expected);
    if (match !== undefined && !fits(errors, match)) {
      throw this.#mismatch(expectation, event, expected);
    }
    return errors;
  }

  /** Takes the end of the operation, which must be `complete`. */
  async expectComplete(): Promise<void> {
    const expectation = this.#expected('to complete');
    const expected = { type: 'complete' };
    const event = await this.#take(expectation, expected);
    if (event.type !== 'complete') throw this.#mismatch(expectation, event, expected);
  }

  /**
   * Proves that nothing has come for this operation, without waiting for a time to pass: all that
   * the server had to do is done, and all that it sent has arrived.
   *
   * A server without `app.graphqlWs.settled()` is only known to have sent what it had ready.
   */
  async expectSilence(): Promise<void> {
    const expectation = this.#expected('to be silent');
    await this.#exchange.settle(expectation);
    const { unread } = this.#feed.inbox;
    if (unread.length === 0) return;
    throw this.#exchange.expect.failure({
      expectation,
      outcome: `it received ${unread.map(showEvent).join(', ')}`,
      actual: [...unread],
      expected: [],
    });
  }

  /** Ends the operation from this side: sends `complete`, which is `stop` in the legacy subprotocol. */
  stop(): void {
    this.#feed.stop();
    this.#exchange.send({ type: 'complete', id: this.id, wireId: this.#feed.wireId });
  }

  #take(expectation: string, expected: unknown, timeoutMs?: number): Promise<OperationEvent> {
    return this.#exchange.expect.take(this.#feed.inbox, expectation, expected, timeoutMs);
  }

  async #readFailure(
    event: OperationEvent,
    expectation: string,
  ): Promise<readonly FormattedError[] | undefined> {
    if (event.type === 'error') return event.errors;
    if (event.type !== 'next') return undefined;

    const errors = refusalIn(event.payload, this.#exchange.codec.subprotocol);
    if (errors === undefined) return undefined;
    const expected = { type: 'complete' };
    const completion = `${expectation} and then to complete`;
    const end = await this.#take(completion, expected);
    if (end.type !== 'complete') throw this.#mismatch(completion, end, expected);
    return errors;
  }

  #expected(what: string): string {
    return `Expected ${this.#exchange.nameOf(this.#feed)} ${what}`;
  }

  #mismatch(expectation: string, actual: OperationEvent, expected: unknown): AssertionError {
    const outcome = `it received ${showEvent(actual)}`;
    return this.#exchange.expect.failure({ expectation, outcome, actual, expected });
  }
}

function fits(errors: readonly FormattedError[], match: ErrorMatch): boolean {
  if (typeof match === 'function') return match(errors);
  return errors.some(({ message }) =>
    typeof match === 'string' ? message.includes(match) : message.search(match) >= 0,
  );
}
