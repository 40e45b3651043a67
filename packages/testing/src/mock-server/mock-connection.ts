import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject, Subprotocol } from '@groupcast/protocol';

import { type CloseEvent, showClose } from '../link.ts';
import type { Conversation } from './conversation.ts';
import type { MockExpectations } from './mock-expectations.ts';
import type { MockOperation } from './mock-operation.ts';

/** One client's connection to a mock server. */
export class MockConnection {
  /** Its number, from 1, as transcripts show it. */
  readonly number: number;
  readonly protocol: Subprotocol;
  /** The path and query of the upgrade request. */
  readonly path: string;
  /** The headers of the upgrade request. */
  readonly headers: IncomingHttpHeaders;
  /** Resolves when it has closed, for whatever reason; never rejects. */
  readonly closed: Promise<CloseEvent>;
  readonly #conversation: Conversation;
  readonly #expectations: MockExpectations;

  /** @internal */
  constructor(conversation: Conversation, expectations: MockExpectations) {
    this.number = conversation.number;
    this.protocol = conversation.protocol;
    this.path = conversation.request.url ?? '/';
    this.headers = conversation.request.headers;
    this.closed = conversation.closed;
    this.#conversation = conversation;
    this.#expectations = expectations;
  }

  /** The payload of `connection_init`; undefined when it had none, or has not come. */
  get params(): JsonObject | undefined {
    return this.#conversation.params;
  }

  /** Whether it is acknowledged and neither side has closed it. */
  get isOpen(): boolean {
    return this.#conversation.state.name === 'ready';
  }

  /** The operations that run on it now, oldest first. */
  get operations(): readonly MockOperation[] {
    return this.#conversation.operations;
  }

  /** Closes it; resolves when the client has answered, or is given up. */
  async close(code = 1000, reason = ''): Promise<CloseEvent> {
    checkCloseCode(code);
    return await this.#conversation.close(code, reason);
  }

  /** Drops the socket without a close frame, as a cut line does. */
  drop(): void {
    this.#conversation.drop();
  }

  /** Waits until it closes, which must be with this code. */
  async expectClose(code: number): Promise<void> {
    const expectation = `Expected connection #${this.number} to close with ${code}`;
    const expected = { code };
    const close = await this.#expectations.until({
      expectation,
      expected,
      find: () => closeOf(this.#conversation),
      instead: () => 'it did not',
    });
    if (close.code === code) return;
    const outcome = `it closed with ${showClose(close)}`;
    throw this.#expectations.failure({ expectation, outcome, actual: close, expected });
  }
}

function closeOf({ state }: Conversation): CloseEvent | undefined {
  return state.name === 'closed' ? state.close : undefined;
}

/** @throws RangeError when a connection can't be closed with this code */
export function checkCloseCode(code: number): void {
  const isOfProtocol = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  if (Number.isInteger(code) && (isOfProtocol || (code >= 3000 && code <= 4999))) return;
  const codes = '1000 to 1014 without 1004 to 1006, and 3000 to 4999';
  throw new RangeError(`A connection can't be closed with ${code}: codes are ${codes}`);
}
