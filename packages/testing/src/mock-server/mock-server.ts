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
import { Changes } from './changes.ts';
import { type Admission, Conversation } from './conversation.ts';
import { checkCloseCode } from './conversation-state.ts';
import { Door, type MemoryWebSocket } from './door.ts';
import type { MockConnection } from './mock-connection.ts';
import { answer, type MockHandlers, unanswered } from './mock-handler.ts';
import { MockLog } from './mock-log.ts';
import { type MockContext, type MockOperation, showOperation } from './mock-operation.ts';
import type { OperationCore } from './operation-core.ts';
import { OperationList, type Wish } from './operation-list.ts';
import type { MockServerOptions } from './options.ts';
import type { Line } from './outbox.ts';

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
  readonly #options: MockServerOptions;
  readonly #handlers: Map<string, MockHandlers[string]>;
  readonly #door: Door;
  readonly #line: Line = { delayMs: 0, isStalled: false };
  readonly #list = new OperationList();
  readonly #context: MockContext;
  readonly #conversations = new Set<Conversation>();
  #connectionCount = 0;
  #refusal: CloseEvent | undefined;
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor(handlers: MockHandlers, options: MockServerOptions) {
    const { port = 0, protocols = SUBPROTOCOLS, timeoutMs = 5_000 } = options;
    this.#options = options;
    this.#handlers = new Map(Object.entries(handlers));
    this.#context = {
      log: new MockLog(() => this.operations.map(showOperation)),
      changes: new Changes(),
      timeoutMs,
    };
    this.#door = new Door({
      port,
      protocols,
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
    const { changes, log, timeoutMs } = this.#context;
    const wish: Wish = { name };
    this.#list.wish(wish);
    const found = await changes.until(() => this.#list.take(wish), timeoutMs);
    this.#list.drop(wish);
    if (found.kind === 'found') return found.value;
    const wanted = name === undefined ? 'an operation' : `an operation ${JSON.stringify(name)}`;
    const expectation = `Expected ${wanted} to begin`;
    throw log.absence(found.kind, timeoutMs, { expectation, expected: name });
  }

  /** Waits until there is a connection that is acknowledged; gives the newest. */
  async connection(): Promise<MockConnection> {
    const { changes, log, timeoutMs } = this.#context;
    const found = await changes.until(() => this.connections.at(-1), timeoutMs);
    if (found.kind === 'found') return found.value;
    const expectation = 'Expected a client to connect';
    throw log.absence(found.kind, timeoutMs, { expectation, expected: 'a connection' });
  }

  /** Waits until no operation runs, of a name or of any. */
  async expectNone(name?: string): Promise<void> {
    const { changes, log, timeoutMs } = this.#context;
    const isNone = (): true | undefined => this.#list.running(name).length === 0 || undefined;
    const { kind } = await changes.until(isNone, timeoutMs);
    if (kind === 'found') return;
    const what = name === undefined ? 'no operation' : `no operation ${JSON.stringify(name)}`;
    const count = this.#list.running(name).length;
    throw log.absence(kind, timeoutMs, {
      expectation: `Expected ${what} to run`,
      instead: `${count} did not end`,
      expected: 0,
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
   */
  refuse(code: number, reason?: string): void {
    const isStatus = code >= 400 && code <= 599;
    if (!isStatus) checkCloseCode(code);
    const usual = code === CloseCode.FORBIDDEN ? closeReasons.FORBIDDEN : '';
    this.#door.refusal = isStatus ? code : undefined;
    this.#refusal = isStatus ? undefined : { code, reason: reason ?? usual };
  }

  /** Lets clients in again after `refuse`. */
  accept(): void {
    this.#door.refusal = undefined;
    this.#refusal = undefined;
  }

  /** Makes each message that the server sends from now on take so many real milliseconds. */
  delay(ms: number): void {
    this.#line.delayMs = ms;
  }

  /** Goes silent, as behind a dead line: sends and reads nothing until `resume`, not even pings. */
  stall(): void {
    this.#context.log.remark('stalled');
    this.#line.isStalled = true;
    this.#door.stall();
    for (const conversation of this.#conversations) conversation.pause();
  }

  /** Goes on after `stall`; what was held is sent and read. */
  resume(): void {
    this.#context.log.remark('resumed');
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

  /** All that was exchanged so far, as failures show it. */
  transcript(): string {
    return this.#context.log.toString();
  }

  /**
   * Ends everything for good, connections with 1001; may be called again. Resolves when no socket is
   * left. Close clients first that would come back.
   */
  close(): Promise<void> {
    this.#closed ??= this.#shut(CloseCode.GOING_AWAY, 'Going away').then(() =>
      this.#context.changes.end(),
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
    const { log, changes } = this.#context;
    const protocol = spokenBy(webSocket);
    log.remark(`#${number} connected ${protocol ?? 'without a subprotocol that is spoken'}`);
    if (protocol === undefined) {
      const code = CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE;
      webSocket.on('error', () => webSocket.terminate());
      return webSocket.close(code, closeReasons.SUBPROTOCOL_NOT_ACCEPTABLE);
    }
    const host = {
      context: this.#context,
      line: this.#line,
      admit: (connection: MockConnection) => this.#admit(connection),
      begin: (core: OperationCore, operation: MockOperation) => this.#begin(core, operation),
      gone: (conversation: Conversation) => {
        this.#conversations.delete(conversation);
        changes.notify();
      },
    };
    this.#conversations.add(new Conversation({ webSocket, request, protocol, number }, host));
  }

  async #admit(connection: MockConnection): Promise<Admission> {
    if (this.#refusal) return { name: 'refused', close: this.#refusal };
    const code = CloseCode.FORBIDDEN;
    try {
      const ack = await this.#options.onConnect?.(connection);
      if (ack !== false) return { name: 'admitted', ack: ack || undefined };
      return { name: 'refused', close: { code, reason: closeReasons.FORBIDDEN } };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { name: 'refused', close: { code, reason: cutReason(reason) } };
    }
  }

  #begin(core: OperationCore, operation: MockOperation): void {
    this.#list.add(core, operation);
    this.#context.changes.notify();
    const handler = this.#handlers.get(core.name);
    if (handler !== undefined) void answer(core, operation, handler);
    else if (core.kind === 'subscription') core.confirm();
    else if (!this.#list.isWanted(core)) {
      core.error([unanswered(core, [...this.#handlers.keys()])]);
    }
  }
}

function spokenBy({ protocol }: WebSocket): Subprotocol | undefined {
  return SUBPROTOCOLS.find((subprotocol) => subprotocol === protocol);
}
