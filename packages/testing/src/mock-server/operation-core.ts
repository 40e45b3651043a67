import type {
  CompleteMessage,
  ErrorMessage,
  FormattedError,
  NextMessage,
  ResultPayload,
  SubscribeMessage,
} from '@groupcast/protocol';

import { type CloseEvent, showClose } from '../link.ts';
import type { Changes } from './changes.ts';
import {
  confirmation,
  type ExtensionRequest,
  gapNotice,
  type MockGap,
  readExtension,
} from './extension.ts';
import { identifyOperation, type OperationKind } from './identify-operation.ts';

/** The life of an operation: it runs, and then it has ended in one of three ways. */
export type OperationState =
  | { readonly name: 'running' }
  /** By the server's `complete` or `error`. */
  | { readonly name: 'answered'; readonly by: 'complete' | 'error' }
  /** By the client's `complete`. */
  | { readonly name: 'stopped' }
  /** With its connection. */
  | { readonly name: 'disconnected'; readonly close: CloseEvent; readonly byServer: boolean };

/** A message of the server about one operation. */
export type OperationMessage = NextMessage | ErrorMessage | CompleteMessage;

/** One operation as the server runs it. What is said after its end is not sent. */
export class OperationCore {
  readonly name: string;
  readonly kind: OperationKind;
  readonly message: SubscribeMessage;
  readonly #write: (message: OperationMessage) => void;
  readonly #changes: Changes;
  readonly #request: ExtensionRequest;
  #isConfirmed = false;
  #state: OperationState = { name: 'running' };

  constructor(
    message: SubscribeMessage,
    write: (message: OperationMessage) => void,
    changes: Changes,
  ) {
    const { name, kind } = identifyOperation(message.payload);
    this.#request = readExtension(message.payload.extensions);
    this.name = name;
    // Only subscriptions are confirmed, so who asks for that has one.
    this.kind = kind ?? (this.#request.confirm ? 'subscription' : 'query');
    this.message = message;
    this.#write = write;
    this.#changes = changes;
  }

  get state(): OperationState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#state.name === 'running';
  }

  /** Says that the subscription is live: once, and only to a client that asked. */
  confirm(): void {
    if (this.kind !== 'subscription' || !this.#request.confirm || this.#isConfirmed) return;
    this.#isConfirmed = true;
    this.#next(confirmation);
  }

  /** Sends one result. Queries and mutations have only one, so they end with it. */
  result(payload: ResultPayload): void {
    this.confirm();
    this.#next(payload);
    if (this.kind !== 'subscription') this.complete();
  }

  /** Tells of a gap: only a client that asked. */
  gap(gap: MockGap): void {
    if (!this.#request.gaps) return;
    this.confirm();
    this.#next(gapNotice(gap));
  }

  error(errors: readonly FormattedError[]): void {
    if (!this.isRunning) return;
    this.#write({ type: 'error', id: this.message.wireId, payload: errors });
    this.end({ name: 'answered', by: 'error' });
  }

  complete(): void {
    if (!this.isRunning) return;
    this.confirm();
    this.#write({ type: 'complete', id: this.message.wireId });
    this.end({ name: 'answered', by: 'complete' });
  }

  /** Ends it, unless it has ended already. */
  end(state: Exclude<OperationState, { name: 'running' }>): void {
    if (!this.isRunning) return;
    this.#state = state;
    this.#changes.notify();
  }

  #next(payload: ResultPayload): void {
    if (this.isRunning) this.#write({ type: 'next', id: this.message.wireId, payload });
  }
}

/** A state as the end of a sentence about the operation. */
export function showState(state: OperationState): string {
  switch (state.name) {
    case 'running':
      return 'it runs';
    case 'answered':
      return `the server has ended it with ${state.by}`;
    case 'stopped':
      return 'the client has ended it';
    case 'disconnected':
      return `its connection was closed ${state.byServer ? 'by the server ' : ''}with ${showClose(state.close)}`;
    default:
      return state satisfies never;
  }
}
