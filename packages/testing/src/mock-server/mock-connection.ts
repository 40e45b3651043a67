import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject, Subprotocol } from '@groupcast/protocol';

import { type CloseEvent, showClose } from '../link.ts';
import type { Conversation } from './conversation.ts';
import type { MockContext, MockOperation } from './mock-operation.ts';

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
  readonly #context: MockContext;

  /** @internal */
  constructor(conversation: Conversation, context: MockContext) {
    this.number = conversation.number;
    this.protocol = conversation.protocol;
    this.path = conversation.request.url ?? '/';
    this.headers = conversation.request.headers;
    this.closed = conversation.closed;
    this.#conversation = conversation;
    this.#context = context;
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
  close(code = 1000, reason = ''): Promise<CloseEvent> {
    return this.#conversation.close(code, reason);
  }

  /** Drops the socket without a close frame, as a cut line does. */
  drop(): void {
    this.#conversation.drop();
  }

  /** Waits until it closes, which must be with this code. */
  async expectClose(code: number): Promise<void> {
    const { changes, log, timeoutMs } = this.#context;
    const expectation = `Expected connection #${this.number} to close with ${code}`;
    const found = await changes.until(() => this.#conversation.closeEvent, timeoutMs);
    if (found.kind !== 'found') {
      const instead = 'it did not';
      throw log.absence(found.kind, timeoutMs, { expectation, instead, expected: { code } });
    }
    if (found.value.code === code) return;
    throw log.failure({
      expectation,
      outcome: `it closed with ${showClose(found.value)}`,
      actual: found.value,
      expected: { code },
    });
  }
}
