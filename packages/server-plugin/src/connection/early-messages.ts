import type { ClientCompleteMessage, SubscribeMessage } from '@groupcast/protocol';

/** A message about an operation. */
export type OperationMessage = SubscribeMessage | ClientCompleteMessage;

/**
 * Messages about operations that came before the client was acknowledged, in their order.
 *
 * Bounded by the number of starts: a stop is held only when it has a held start to end.
 */
export class EarlyMessages {
  readonly #limit: number;
  #messages: OperationMessage[] = [];

  /** @param limit - the most starts that are held */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Holds a message; false when it is a start for which there is no room. */
  hold(message: OperationMessage): boolean {
    if (message.type === 'complete') {
      const latest = this.#messages.findLast(({ id }) => id === message.id);
      if (latest?.type === 'subscribe') this.#messages.push(message);
      return true;
    }
    const starts = this.#messages.filter(({ type }) => type === 'subscribe');
    if (starts.length >= this.#limit) return false;
    this.#messages.push(message);
    return true;
  }

  /** Forgets what is held for an operation. */
  forget(operationId: string): void {
    this.#messages = this.#messages.filter(({ id }) => id !== operationId);
  }

  /** Hands out all of them, oldest first, and forgets them. */
  release(): readonly OperationMessage[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }
}
