import type { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import type { FormattedError, JsonObject, ResultPayload } from '@groupcast/protocol';

import type { Exchange } from './exchange.ts';
import { type OperationEvent, refusalIn, showEvent } from './operation-event.ts';
import type { OperationFeed } from './operation-feed.ts';
import { show } from './show.ts';

/** What the errors of a failed operation must be: a part of a message, a pattern, or your check. */
export type ErrorMatch = string | RegExp | ((errors: readonly FormattedError[]) => boolean);

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

  /** Takes the next result, which must have exactly this data and no errors. */
  async expectNext(data: JsonObject): Promise<void> {
    const expected = { type: 'next', payload: { data } };
    const expectation = this.#expected(`to have the result ${show({ data })}`);
    const event = await this.#take(expectation, expected);
    if (event.type !== 'next') throw this.#mismatch(expectation, event, expected);

    const { extensions: _, ...payload } = event.payload;
    const actual = { type: 'next', payload };
    if (!isDeepStrictEqual(actual, expected)) throw this.#mismatch(expectation, event, expected);
  }

  /** Takes the next result, whose payload must be exactly this, extensions included. */
  async expectResult(payload: ResultPayload): Promise<void> {
    const expected = { type: 'next', payload };
    const expectation = this.#expected(`to have the result ${show(payload)}`);
    const event = await this.#take(expectation, expected);
    if (!isDeepStrictEqual(event, expected)) throw this.#mismatch(expectation, event, expected);
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
    throw this.#exchange.failure({
      expectation,
      outcome: `it received ${unread.map(showEvent).join(', ')}`,
      actual: [...unread],
      expected: [],
    });
  }

  /** Ends the operation from this side: sends `complete`, which is `stop` in the legacy subprotocol. */
  stop(): void {
    this.#exchange.send({ type: 'complete', id: this.id, wireId: this.#feed.wireId });
  }

  async #take(expectation: string, expected: unknown): Promise<OperationEvent> {
    const taken = await this.#feed.inbox.take(this.#exchange.timeoutMs);
    if (taken.kind === 'item') return taken.item;
    throw this.#exchange.absence(taken.kind, expectation, expected);
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
    return `Expected operation ${JSON.stringify(this.#feed.wireId)} ${what}`;
  }

  #mismatch(expectation: string, actual: OperationEvent, expected: unknown): AssertionError {
    const outcome = `it received ${showEvent(actual)}`;
    return this.#exchange.failure({ expectation, outcome, actual, expected });
  }
}

function fits(errors: readonly FormattedError[], match: ErrorMatch): boolean {
  if (typeof match === 'function') return match(errors);
  return errors.some(({ message }) =>
    typeof match === 'string' ? message.includes(match) : message.search(match) >= 0,
  );
}
