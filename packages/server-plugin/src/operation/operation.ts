import type { JsonObject, OperationPayload, SubscribeMessage, WireId } from '@groupcast/protocol';
import type { EndReason } from '../subscription/subscription-definition.ts';
import { type ExtensionRequest, readExtension } from './extension.ts';
import type { Ending, OperationClient, OperationFailure } from './operation-client.ts';
import type { OperationInfo } from './operation-info.ts';

export type { EndReason };

/** What an active subscription does when its operation ends. */
export interface Stream {
  /** Stops producing at once: nothing is sent after it. */
  stop(): void;
  /** Runs the app's end hooks, after the client was told. */
  ended(reason: EndReason): Promise<void> | undefined;
}

/** Whoever started an operation and wants to know of its end. */
export interface OperationOwner {
  operationEnded(operation: Operation): void;
  /** An end hook of the app runs; the promise never rejects. */
  endHookRuns(hook: Promise<void>): void;
}

/** The life of an operation. */
export type OperationState =
  | { readonly name: 'preparing' }
  | { readonly name: 'executing' }
  | { readonly name: 'subscribing' }
  | { readonly name: 'streaming'; readonly stream: Stream }
  | { readonly name: 'ended'; readonly reason: EndReason };

const PREPARING: OperationState = { name: 'preparing' };

/**
 * One id on one connection, from its start message to its one ending.
 *
 * Whoever works for an operation asks `isEnded` after each wait, and sends through it: an
 * operation that has ended says nothing any more, also when its id is in use again.
 */
export class Operation implements OperationInfo {
  readonly id: string;
  readonly wireId: WireId;
  readonly client: OperationClient;
  readonly operationName: string | undefined;
  readonly variables: JsonObject | undefined;
  readonly extensions: JsonObject | undefined;
  /** What the client asks for in them. */
  readonly asks: ExtensionRequest;
  /** What the client sent, until it was read: text, or a parsed document from a legacy client. */
  sentQuery: OperationPayload['query'];
  query: string;
  readonly #owner: OperationOwner;
  #state: OperationState = PREPARING;
  #abort: AbortController | undefined;

  constructor(message: SubscribeMessage, client: OperationClient, owner: OperationOwner) {
    this.id = message.id;
    this.wireId = message.wireId;
    this.client = client;
    this.sentQuery = message.payload.query;
    this.query = typeof this.sentQuery === 'string' ? this.sentQuery : '';
    this.operationName = message.payload.operationName;
    this.variables = message.payload.variables;
    this.extensions = message.payload.extensions;
    this.asks = readExtension(this.extensions);
    this.#owner = owner;
  }

  get state(): OperationState {
    return this.#state;
  }

  get isEnded(): boolean {
    return this.#state.name === 'ended';
  }

  /** Why it ended; an operation that lives has no reason. */
  get endReason(): EndReason | undefined {
    return this.#state.name === 'ended' ? this.#state.reason : undefined;
  }

  /** Made on first use: most operations are never asked for it. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.isEnded) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  /**
   * Lets go of the text that its client sent.
   *
   * @param query - the same text, as it is kept for all who send it
   */
  forgetSent(query: string): void {
    this.sentQuery = query;
    this.query = query;
  }

  /** Goes on to the next stage of its life. Only a living operation may. */
  advance(state: Exclude<OperationState, { name: 'ended' }>): void {
    if (this.isEnded) throw new Error(`Operation has ended and cannot become "${state.name}"`);
    this.#state = state;
  }

  /** Sends one result, unless the operation has ended. */
  next(resultJson: string): void {
    if (!this.isEnded) this.client.sendNext(this.wireId, resultJson);
  }

  /** Ends it with an error for the client. */
  fail(failure: OperationFailure): void {
    this.end('error', { type: 'failure', failure });
  }

  /**
   * Ends it, once: later calls do nothing.
   *
   * In this order and in this tick: the signal fires, its stream stops, the client is told. Then
   * the app's end hooks run.
   */
  end(reason: EndReason, ending: Ending): void {
    const before = this.#state;
    if (before.name === 'ended') return;
    this.#state = { name: 'ended', reason };
    this.#abort?.abort();
    if (before.name === 'streaming') before.stream.stop();
    this.#tell(ending);
    this.#owner.operationEnded(this);
    const hook = before.name === 'streaming' ? before.stream.ended(reason) : undefined;
    if (hook !== undefined) this.#owner.endHookRuns(hook);
  }

  #tell(ending: Ending): void {
    switch (ending.type) {
      case 'silent':
        return;
      case 'complete':
        return this.client.sendComplete(this.wireId);
      case 'failure':
        return this.client.sendFailure(this.wireId, ending.failure);
      default:
        return ending satisfies never;
    }
  }
}
