import type { Operation, Stream } from './operation.ts';
import { failOperation, type ReadyOperation } from './run-operation.ts';

/** What {@link PlainSubscription} is made of. */
export interface PlainSubscriptionOptions {
  readonly ready: ReadyOperation;
  readonly events: AsyncIterable<unknown>;
}

/**
 * A GraphQL subscription over an async iterable of any origin.
 *
 * Pulled one event at a time, only while the client takes results, and with pauses for the event
 * loop, so that a source that never waits starves nobody.
 */
export class PlainSubscription implements Stream {
  readonly #ready: ReadyOperation;
  readonly #iterator: AsyncIterator<unknown>;
  #isExhausted = false;
  #stopWaiting: (() => void) | undefined;

  constructor({ ready, events }: PlainSubscriptionOptions) {
    this.#ready = ready;
    this.#iterator = events[Symbol.asyncIterator]();
  }

  /** Pulls until the source or the operation ends. Never rejects. */
  async pull(): Promise<void> {
    const { operation } = this.#ready;
    try {
      for (;;) {
        await this.#clearance();
        if (operation.isEnded) return;
        const step = await this.#pulled();
        if (operation.isEnded) return;
        if (step.done === true) break;
        const resultJson = await this.#render(step.value);
        // A mutation that began meanwhile goes first where the order is strict.
        await this.#clearance();
        operation.next(resultJson);
      }
      operation.end('server', { type: 'complete' });
    } catch (error) {
      failOperation(this.#ready, 'source', [error]);
    }
  }

  stop(): void {
    this.#stopWaiting?.();
    if (this.#isExhausted) return;
    this.#isExhausted = true;
    void closeSource(this.#iterator, this.#ready.operation);
  }

  ended(): undefined {
    return undefined;
  }

  /** A source that has ended or failed needs no closing. */
  async #pulled(): Promise<IteratorResult<unknown>> {
    try {
      const step = await this.#iterator.next();
      if (step.done === true) this.#isExhausted = true;
      return step;
    } catch (error) {
      this.#isExhausted = true;
      throw error;
    }
  }

  async #render(event: unknown): Promise<string> {
    const { context, operation, prepared, services } = this.#ready;
    services.counters.underWay += 1;
    try {
      return await services.delivery.renderEvent({
        document: prepared.document.document,
        operationName: prepared.operation.name?.value,
        variables: operation.variables,
        event,
        context,
        signal: () => operation.signal,
        log: operation.client.log,
      });
    } finally {
      services.counters.underWay -= 1;
    }
  }

  async #clearance(): Promise<void> {
    const { gate, operation, services } = this.#ready;
    while (!operation.isEnded && !gate.isOpen) {
      await new Promise<void>((resolve) => {
        const waiting = { wake: resolve };
        this.#stopWaiting = () => {
          gate.forget(waiting);
          resolve();
        };
        gate.onceOpen(waiting);
      });
      this.#stopWaiting = undefined;
    }
    if (!operation.isEnded && !services.scheduler.hasTime()) await services.scheduler.turn();
  }
}

/** Closes a source that nobody hears any more. A generator that waits for ever never answers. */
export async function closeSource(
  iterator: AsyncIterator<unknown>,
  operation: Operation,
): Promise<void> {
  try {
    await iterator.return?.();
  } catch (error) {
    operation.client.log.warn(
      { err: error, id: operation.id },
      'The source of a subscription failed while it was closed',
    );
  }
}
