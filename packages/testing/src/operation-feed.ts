import type { WireId } from '@groupcast/protocol';

import { isConfirmation } from './confirmation.ts';
import { Inbox } from './inbox.ts';
import type { OperationEvent } from './operation-event.ts';

/** What arrives for one operation, up to the next one under the same id. */
export class OperationFeed {
  readonly wireId: WireId;
  /** What it runs; undefined when its messages are sent raw. */
  readonly query: string | undefined;
  readonly inbox: Inbox<OperationEvent> = new Inbox();
  /** Resolves when the subscription is confirmed, or else at whatever comes first. */
  readonly answered: Promise<void>;

  #awaitsConfirmation: boolean;
  #markAnswered: () => void = () => {};
  #hasEnded = false;
  #isStopped = false;

  constructor(wireId: WireId, awaitsConfirmation: boolean, query?: string) {
    this.wireId = wireId;
    this.query = query;
    this.#awaitsConfirmation = awaitsConfirmation;
    this.answered = new Promise((resolve) => {
      this.#markAnswered = resolve;
    });
  }

  /** Has it ended, and has all of it been read? */
  get isSpent(): boolean {
    return this.#hasEnded && this.inbox.unread.length === 0;
  }

  /** Does it run, as far as the client knows? */
  get isRunning(): boolean {
    return !this.#hasEnded && !this.#isStopped;
  }

  /** The client has said that it ends. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Takes what arrived; a confirmation that was asked for is not for the test to read. */
  accept(event: OperationEvent): void {
    const isExpectedConfirmation =
      this.#awaitsConfirmation && event.type === 'next' && isConfirmation(event.payload);
    this.#awaitsConfirmation = false;
    if (!isExpectedConfirmation) this.inbox.put(event);
    if (event.type === 'next') this.#markAnswered();
    else this.end();
  }

  /** Nothing more is due. */
  end(): void {
    this.#hasEnded = true;
    this.inbox.end();
    this.#markAnswered();
  }
}
