import type {
  CompleteMessage,
  ErrorMessage,
  FormattedError,
  NextMessage,
  ResultPayload,
  SubscribeMessage,
} from '@groupcast/protocol';

import type { CloseEvent } from '../link.ts';
import {
  confirmation,
  type ExtensionRequest,
  gapNotice,
  type MockGap,
  readExtension,
} from './extension.ts';
import { identifyOperation, type OperationKind } from './identify-operation.ts';
import type { MockConnection } from './mock-connection.ts';
import type { MockExpectations } from './mock-expectations.ts';
import { MockOperation } from './mock-operation.ts';
import { toErrors, toResult } from './payloads.ts';

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

/** What an operation belongs to. */
export interface OperationHost {
  readonly connection: MockConnection;
  readonly expectations: MockExpectations;
  /** @throws what `JSON.stringify` throws */
  write(message: OperationMessage): void;
}

/** One operation as the server runs it. What is said after its end is not sent. */
export class OperationCore {
  readonly name: string;
  readonly kind: OperationKind;
  /** Why it can't be run by anybody, as a sentence. */
  readonly problem: string | undefined;
  readonly message: SubscribeMessage;
  /** What the test has of it. */
  readonly handle: MockOperation;
  readonly #host: OperationHost;
  readonly #request: ExtensionRequest;
  #isConfirmed = false;
  #state: OperationState = { name: 'running' };

  constructor(message: SubscribeMessage, host: OperationHost) {
    const { name, kind, problem } = identifyOperation(message.payload);
    const request = readExtension(message.payload.extensions);
    this.name = name;
    // Only subscriptions are confirmed and have gaps, so who asks for that has one.
    this.kind = kind ?? (request.confirm || request.gaps ? 'subscription' : 'query');
    this.problem = problem;
    this.message = message;
    this.#host = host;
    this.#request = request;
    this.handle = new MockOperation(this, host);
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

  /**
   * Sends one result. Queries and mutations have only one, so they end with it.
   *
   * @throws TypeError when it is no result
   */
  result(payload: ResultPayload): void {
    const result = toResult(payload);
    this.confirm();
    this.#next(result);
    if (this.kind !== 'subscription') this.complete();
  }

  /** Tells of a gap: only a client that asked. */
  gap(gap: MockGap): void {
    if (this.kind !== 'subscription' || !this.#request.gaps) return;
    this.confirm();
    this.#next(gapNotice(gap));
  }

  /** @throws TypeError when there are no errors */
  error(errors: readonly FormattedError[]): void {
    if (!this.isRunning) return;
    this.#host.write({ type: 'error', id: this.message.wireId, payload: toErrors(errors) });
    this.end({ name: 'answered', by: 'error' });
  }

  complete(): void {
    if (!this.isRunning) return;
    this.confirm();
    this.#host.write({ type: 'complete', id: this.message.wireId });
    this.end({ name: 'answered', by: 'complete' });
  }

  /** Ends it, unless it has ended already. */
  end(state: Exclude<OperationState, { name: 'running' }>): void {
    if (!this.isRunning) return;
    this.#state = state;
    this.#host.expectations.notify();
  }

  #next(payload: ResultPayload): void {
    if (this.isRunning) this.#host.write({ type: 'next', id: this.message.wireId, payload });
  }
}
