import type { ClientCompleteMessage, SubscribeMessage } from '@groupcast/protocol';

/** A message about an operation. */
export type OperationMessage = SubscribeMessage | ClientCompleteMessage;

/** The limits of {@link EarlyMessages}. */
export interface EarlyLimits {
  /** The most starts that are held. */
  readonly operationsPerConnection: number;
  /** The most characters that are held; one message of any length is. */
  readonly bufferedBytes: number;
}

interface Held {
  readonly message: OperationMessage;
  readonly length: number;
}

/**
 * Messages about operations that came before the client was acknowledged, in their order.
 *
 * Bounded by the number of starts and by their length: a stop is held only when it has a held
 * start to end.
 */
export class EarlyMessages {
  readonly #limits: EarlyLimits;
  #held: Held[] = [];
  #starts = 0;
  #length = 0;

  constructor(limits: EarlyLimits) {
    this.#limits = limits;
  }

  /**
   * Holds a message; false when it is a start for which there is no room.
   *
   * @param length - the number of characters of the message's text
   */
  hold(message: OperationMessage, length: number): boolean {
    if (message.type === 'complete') {
      const latest = this.#held.findLast(({ message: { id } }) => id === message.id);
      if (latest?.message.type === 'subscribe') this.#held.push({ message, length: 0 });
      return true;
    }
    const { bufferedBytes, operationsPerConnection } = this.#limits;
    if (this.#starts >= operationsPerConnection) return false;
    if (this.#starts > 0 && this.#length + length > bufferedBytes) return false;
    this.#held.push({ message, length });
    this.#count();
    return true;
  }

  /** Forgets what is held for an operation. */
  forget(operationId: string): void {
    this.#held = this.#held.filter(({ message: { id } }) => id !== operationId);
    this.#count();
  }

  /** Hands out all of them, oldest first, and forgets them. */
  release(): readonly OperationMessage[] {
    const held = this.#held;
    this.#held = [];
    this.#count();
    return held.map(({ message }) => message);
  }

  #count(): void {
    this.#starts = this.#held.filter(({ message: { type } }) => type === 'subscribe').length;
    this.#length = this.#held.reduce((length, held) => length + held.length, 0);
  }
}
