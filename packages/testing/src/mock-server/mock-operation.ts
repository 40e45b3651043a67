import type {
  FormattedError,
  JsonObject,
  OperationPayload,
  ResultPayload,
} from '@groupcast/protocol';

import { showClose } from '../link.ts';
import { cut } from '../show.ts';
import type { MockGap } from './extension.ts';
import type { OperationKind } from './identify-operation.ts';
import type { MockConnection } from './mock-connection.ts';
import type { MockExpectations } from './mock-expectations.ts';
import type { OperationCore, OperationHost, OperationState } from './operation-core.ts';

/**
 * One operation of a client, for the test to look at and to answer.
 *
 * Whatever is said after its end throws an `AssertionError` that shows the exchange: it would reach
 * nobody.
 */
export class MockOperation {
  /** Its name; that of its first field when it has none. */
  readonly name: string;
  readonly kind: OperationKind;
  /** The document as it was sent. */
  readonly query: OperationPayload['query'];
  readonly variables: JsonObject;
  readonly extensions: JsonObject;
  readonly connection: MockConnection;
  readonly #core: OperationCore;
  readonly #expectations: MockExpectations;

  /** @internal */
  constructor(core: OperationCore, { connection, expectations }: OperationHost) {
    const { query, variables = {}, extensions = {} } = core.message.payload;
    this.name = core.name;
    this.kind = core.kind;
    this.query = query;
    this.variables = variables;
    this.extensions = extensions;
    this.connection = connection;
    this.#core = core;
    this.#expectations = expectations;
  }

  /** Whether neither side has ended it. */
  get isRunning(): boolean {
    return this.#core.isRunning;
  }

  /** Sends a result with this data. A query or mutation ends with its first one. */
  next(data: JsonObject): void {
    this.result({ data });
  }

  /** Sends a whole result: data, errors, extensions. A query or mutation ends with its first one. */
  result(payload: ResultPayload): void {
    this.#check('a result');
    this.#core.result(payload);
  }

  /** Fails it as a whole, which ends it. The legacy subprotocol carries the first error only. */
  error(errors: readonly FormattedError[]): void {
    this.#check('an error');
    this.#core.error(errors);
  }

  /** Ends it. */
  complete(): void {
    this.#check('its completion');
    this.#core.complete();
  }

  /** Tells of a gap, a client that has asked to be told; others see nothing. */
  gap(gap: MockGap): void {
    this.#check('a gap');
    this.#core.gap(gap);
  }

  /** Waits until the client ends it: by unsubscribing, or with its connection. */
  async expectStop(): Promise<void> {
    const expectation = `Expected the client to end ${describeOperation(this)}`;
    const ended = await this.#expectations.until({
      expectation,
      expected: 'stopped',
      find: () => (this.isRunning ? undefined : this.#core.state),
      instead: () => 'it did not',
    });
    if (ended.name === 'stopped' || (ended.name === 'disconnected' && !ended.byServer)) return;
    throw this.#expectations.failure({
      expectation,
      outcome: showState(ended),
      actual: ended,
      expected: { name: 'stopped' },
    });
  }

  #check(what: string): void {
    const { state } = this.#core;
    if (state.name === 'running') return;
    throw this.#expectations.failure({
      expectation: `Expected ${describeOperation(this)} to run and take ${what}`,
      outcome: showState(state),
      actual: state,
      expected: { name: 'running' },
    });
  }
}

/** An operation in a sentence: `subscription "OnMessage"`. */
export function describeOperation({ kind, name }: Pick<MockOperation, 'kind' | 'name'>): string {
  return `${kind} ${name === '' ? 'without a name' : JSON.stringify(name)}`;
}

/** An operation in a list of those that run. */
export function showOperation(operation: MockOperation): string {
  const { connection, variables } = operation;
  return `#${connection.number} ${describeOperation(operation)} ${cut(JSON.stringify(variables))}`;
}

/** A state as the end of a sentence about the operation. */
function showState(state: OperationState): string {
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
