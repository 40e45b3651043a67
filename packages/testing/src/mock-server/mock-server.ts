import type { IncomingMessage } from 'node:http';
import {
  CloseCode,
  closeReasons,
  cutReason,
  SUBPROTOCOLS,
  type Subprotocol,
} from '@groupcast/protocol';
import type { WebSocket } from 'ws';

import type { CloseEvent } from '../link.ts';
import { Conversation } from './conversation.ts';
import { Door, type MemoryWebSocket } from './door.ts';
import { checkCloseCode, type MockConnection } from './mock-connection.ts';
import { MockExpectations } from './mock-expectations.ts';
import { answer, type MockHandlers, unanswered } from './mock-handler.ts';
import { type MockOperation, showOperation } from './mock-operation.ts';
import { Line } from './mock-socket.ts';
import type { OperationCore } from './operation-core.ts';
import { OperationList } from './operation-list.ts';
import type { MockServerOptions } from './options.ts';

/**
 * Starts a server for tests of a user interface, that answers by the names of operations.
 *
 * It speaks both subprotocols as a server does, on a free port of 127.0.0.1, and needs no schema.
 *
 * @param handlers - answers by name; subscriptions without one just run, queries and mutations get
 *   an error, unless the test waits for them with `operation`
 */
export async function mockServer(
  handlers: MockHandlers = {},
  options: MockServerOptions = {},
): Promise<MockServer> {
  const server = new MockServer(handlers, options);
  await server.start();
  return server;
}

/**
 * The other end of a client under test; `mockServer` starts it.
 *
 * Each expectation throws an `AssertionError` that shows the exchange when it does not come true in
 * time. `await using` closes it.
 */
export class MockServer implements AsyncDisposable {
  /**
   * A WebSocket class that leads here without a port, whatever the URL: for clients in this process
   * that take one, or in place of the global one.
   */
  readonly WebSocket: MemoryWebSocket;
  readonly #protocols: readonly Subprotocol[];
  readonly #onConnect: MockServerOptions['onConnect'];
  readonly #handlers: Map<string, MockHandlers[string]>;
  readonly #door: Door;
  readonly #line = new Line();
  readonly #list = new OperationList();
  readonly #expectations: MockExpectations;
  readonly #conversations = new Set<Conversation>();
  #connectionCount = 0;
  #refusal: CloseEvent | undefined;
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor(handlers: MockHandlers, options: MockServerOptions) {
    const { port = 0, protocols = SUBPROTOCOLS, timeoutMs = 4_000 } = options;
    this.#protocols = protocols;
    this.#onConnect = options.onConnect;
    this.#handlers = new Map(Object.entries(handlers));
    this.#expectations = new MockExpectations(timeoutMs, () => this.operations.map(showOperation));
    this.#door = new Door({
      port,
      protocols,
      refusal: () => this.#refusalBy('status'),
      onClient: (webSocket, request) => this.#welcome(webSocket, request),
    });
    this.WebSocket = this.#door.WebSocket;
  }

  /** Where clients connect to: `ws://127.0.0.1:<port>/graphql`. Other paths lead here too. */
  get url(): string {
    return this.#door.url;
  }

  /** The connections that are acknowledged and open, oldest first. */
  get connections(): readonly MockConnection[] {
    return [...this.#conversations]
      .map(({ connection }) => connection)
      .filter(({ isOpen }) => isOpen);
  }

  /** The operations that run now, on all connections, oldest first. */
  get operations(): readonly MockOperation[] {
    return this.#list.running();
  }

  /** All operations that have begun, of a name or of any, oldest first; ended ones too. */
  received(name?: string): readonly MockOperation[] {
    return this.#list.all(name);
  }

  /**
   * Waits for an operation, and takes it: the next call gives the next one.
   *
   * It may have come before the call. One that the client has ended by then is passed over; one
   * that a handler has answered is not.
   *
   * @param name - its name, or that of its first field when it has none; absent: any
   */
  async operation(name?: string): Promise<MockOperation> {
    const wanted = name === undefined ? 'an operation' : `an operation ${JSON.stringify(name)}`;
    const wish = this.#list.wish(name);
    try {
      return await this.#expectations.until({
        expectation: `Expected ${wanted} to begin`,
        expected: name,
        find: () => this.#list.take(wish),
      });
    } finally {
      this.#list.drop(wish);
    }
  }

  /** Waits until there is a connection that is acknowledged; gives the newest. */
  async connection(): Promise<MockConnection> {
    return await this.#expectations.until({
      expectation: 'Expected a client to connect',
      expected: 'a connection',
      find: () => this.connections.at(-1),
    });
  }

  /** Waits until no operation runs, of a name or of any. */
  async expectNone(name?: string): Promise<void> {
    const what = name === undefined ? 'no operation' : `no operation ${JSON.stringify(name)}`;
    const count = (): number => this.#list.running(name).length;
    await this.#expectations.until({
      expectation: `Expected ${what} to run`,
      expected: 0,
      find: () => count() === 0 || undefined,
      instead: () => `${count()} did not end`,
    });
  }

  /** Adds handlers, or replaces those of the same names, for operations that begin from now on. */
  handle(handlers: MockHandlers): void {
    for (const [name, handler] of Object.entries(handlers)) this.#handlers.set(name, handler);
  }

  /**
   * Lets in no new client, until `accept`.
   *
   * @param code - from 1000 on the code that answers `connection_init`; below, the HTTP status that
   *   answers the upgrade
   * @param reason - of the close; with an HTTP status the body
   */
  refuse(code: number, reason?: string): void {
    if (code < 1000 && !isStatus(code)) {
      throw new RangeError(`An upgrade can't be refused with HTTP status ${code}: use 400 to 599`);
    }
    if (!isStatus(code)) checkCloseCode(code);
    const usual = code === CloseCode.FORBIDDEN ? closeReasons.FORBIDDEN : '';
    this.#refusal = { code, reason: reason ?? usual };
  }

  /** Lets clients in again after `refuse`. */
  accept(): void {
    this.#refusal = undefined;
  }

  /** Makes each message that the server sends from now on take so many real milliseconds. */
  delay(ms: number): void {
    this.#line.delay(ms);
  }

  /** Goes silent, as behind a dead line: sends and reads nothing until `resume`, not even pings. */
  stall(): void {
    this.#remark('stalled');
    this.#line.isStalled = true;
    this.#door.stall();
    for (const conversation of this.#conversations) conversation.pause();
  }

  /** Goes on after `stall`; what was held is sent and read. */
  resume(): void {
    this.#remark('resumed');
    this.#line.isStalled = false;
    for (const conversation of this.#conversations) conversation.resume();
    this.#door.resume();
  }

  /** Closes all connections; resolves when each client has answered, or is given up. */
  async closeAll(code: number = CloseCode.NORMAL, reason = ''): Promise<void> {
    checkCloseCode(code);
    const closing = [...this.#conversations].map((each) => each.close(code, reason));
    await Promise.all(closing);
  }

  /** Drops all sockets without a close frame, as a network does that fails. */
  dropAll(): void {
    for (const conversation of this.#conversations) conversation.drop();
  }

  /** Closes all connections with 1012 and can't be reached, until `start`. */
  async stop(): Promise<void> {
    await this.#shut(CloseCode.SERVICE_RESTART, 'Service restart');
  }

  /** Can be reached again after `stop`, at the same `url`. */
  async start(): Promise<void> {
    if (this.#closed) throw new Error('This mock server is closed for good');
    await this.#door.open();
  }

  /** Stops and starts: clients lose their connections and subscriptions, and may come back. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** All that was exchanged so far, without the times: the same in each run that does the same. */
  transcript(): string {
    return this.#expectations.transcript.toStableString();
  }

  /**
   * Ends everything for good, connections with 1001; may be called again. Resolves when no socket is
   * left. Close clients first that would come back.
   */
  close(): Promise<void> {
    this.#closed ??= this.#shut(CloseCode.GOING_AWAY, 'Going away').then(() =>
      this.#expectations.end(),
    );
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shut(code: number, reason: string): Promise<void> {
    await this.#door.close(() => this.closeAll(code, reason));
  }

  #welcome(webSocket: WebSocket, request: IncomingMessage): void {
    this.#connectionCount += 1;
    const number = this.#connectionCount;
    const protocol = SUBPROTOCOLS.find((each) => each === webSocket.protocol);
    this.#remark(`#${number} connected ${protocol ?? 'without a subprotocol that is spoken'}`);
    if (protocol === undefined) {
      const offer = this.#protocols.map((name) => JSON.stringify(name)).join(' or ');
      const reason = cutReason(`Subprotocol not acceptable, offer ${offer}`);
      webSocket.on('error', () => webSocket.terminate());
      return webSocket.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, reason);
    }
    const host = {
      expectations: this.#expectations,
      line: this.#line,
      onConnect: this.#onConnect,
      refusal: () => this.#refusalBy('close'),
      begin: (operation: OperationCore) => this.#begin(operation),
      gone: (conversation: Conversation) => {
        this.#conversations.delete(conversation);
        this.#expectations.notify();
      },
    };
    this.#conversations.add(new Conversation({ webSocket, request, protocol, number }, host));
  }

  #remark(text: string): void {
    this.#expectations.transcript.note('·', text);
  }

  #refusalBy(means: 'status' | 'close'): CloseEvent | undefined {
    const refusal = this.#refusal;
    return refusal && isStatus(refusal.code) === (means === 'status') ? refusal : undefined;
  }

  #begin(operation: OperationCore): void {
    this.#list.add(operation);
    this.#expectations.notify();
    const { name, kind, problem } = operation;
    if (problem !== undefined) return operation.error([{ message: problem }]);
    const handler = this.#handlers.get(name);
    if (handler !== undefined) void answer(operation, handler, (text) => this.#remark(text));
    else if (kind === 'subscription') operation.confirm();
    else if (!this.#list.isWanted(operation)) {
      operation.error([unanswered(operation, [...this.#handlers.keys()])]);
    }
  }
}

/** Does a refusal answer the upgrade, and not `connection_init`? */
function isStatus(code: number): boolean {
  return code >= 400 && code <= 599;
}
