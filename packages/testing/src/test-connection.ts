import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject, OperationPayload, ResultPayload, WireId } from '@groupcast/protocol';

import { askForConfirmation } from './confirmation.ts';
import type { Exchange } from './exchange.ts';
import { type CloseEvent, showClose } from './link.ts';
import { matches, showExpected } from './matching.ts';
import { refusalIn } from './operation-event.ts';
import type { OperationFeed } from './operation-feed.ts';
import type { OperationOptions, RawOptions } from './options.ts';
import { assertTicksAreReal, withRealImmediates } from './real-timers.ts';
import { show } from './show.ts';
import { parseObject } from './show-frame.ts';
import { TestOperation } from './test-operation.ts';
import { within } from './within.ts';

/**
 * One client's connection; `connect` makes it.
 *
 * What arrives waits until an expectation takes it: in the queue of its operation when that has a
 * handle, else in the queue of the connection, which `receive` reads. Each expectation throws an
 * `AssertionError` that shows the whole exchange when it does not come true in time, and leaves the
 * connection usable. `await using` closes it.
 */
export class TestConnection implements AsyncDisposable {
  /** The subprotocol that the server chose; '' when it chose none. */
  readonly protocol: string;
  /** The payload of `connection_ack`; undefined when it had none, or with `init: false`. */
  readonly ack: JsonObject | undefined;
  /** The headers of the server's answer to the upgrade. */
  readonly headers: IncomingHttpHeaders;
  /** Resolves when the connection has closed, for whatever reason; never rejects. */
  readonly closed: Promise<CloseEvent>;
  readonly #exchange: Exchange;

  /** @internal */
  constructor(exchange: Exchange, ack: JsonObject | undefined) {
    this.#exchange = exchange;
    this.ack = ack;
    this.protocol = exchange.link.protocol;
    this.headers = exchange.link.headers;
    this.closed = exchange.link.closed;
  }

  get isOpen(): boolean {
    return this.#exchange.link.isOpen;
  }

  /** Starts an operation of any kind and does not wait for anything. */
  start(query: string, options: OperationOptions = {}): TestOperation {
    return new TestOperation(this.#start(query, options), this.#exchange);
  }

  /**
   * Starts a subscription and waits until it is live: what is broadcast from then on reaches it.
   *
   * Resolves as well when the operation ends instead, for `expectError` to look at. A foreign
   * server can't say when a subscription is live; there it is only known to have read the message.
   */
  async subscribe(query: string, options: OperationOptions = {}): Promise<TestOperation> {
    const exchange = this.#exchange;
    const feed = exchange.openFeed(options.id, query, exchange.canConfirm);
    if (!exchange.canConfirm) {
      this.#sendOperation(feed, query, options);
      await exchange.fence();
      return new TestOperation(feed, exchange);
    }

    const extensions = askForConfirmation(options.extensions);
    this.#sendOperation(feed, query, { ...options, extensions });
    const expectation = `Expected ${exchange.nameOf(feed)} to be confirmed or to end`;
    await exchange.expect.wait(feed.answered, expectation, 'an answer');
    const isCutOff = exchange.link.closeEvent !== undefined && feed.inbox.unread.length === 0;
    if (isCutOff) throw exchange.expect.absence('ended', expectation, 'an answer');
    return new TestOperation(feed, exchange);
  }

  /**
   * Runs a query or a mutation: takes its one result and its completion.
   *
   * Errors of resolvers are in the result; an operation that is refused makes it reject.
   */
  async query(query: string, options: OperationOptions = {}): Promise<ResultPayload> {
    const exchange = this.#exchange;
    const feed = this.#start(query, options);
    const operation = new TestOperation(feed, exchange);
    const payload = await operation.next();
    await operation.expectComplete();
    if (refusalIn(payload, exchange.codec.subprotocol) === undefined) return payload;
    throw exchange.expect.failure({
      expectation: `Expected ${exchange.nameOf(feed)} to have a result`,
      outcome: `it was refused with ${show(payload.errors)}`,
      actual: payload,
      expected: 'a result with data',
    });
  }

  /**
   * The operation of an id, for tests that send its messages themselves.
   *
   * It takes along what has arrived for the id and was not received. After the end of an operation
   * was read, the same id gives the next one.
   */
  operation(id: WireId): TestOperation {
    return new TestOperation(this.#exchange.findFeed(id), this.#exchange);
  }

  /** Sends any message as JSON. On a connection that is closing it goes nowhere, as in a browser. */
  send(message: object): void {
    this.#exchange.link.send(JSON.stringify(message));
  }

  /** Sends one frame, or bytes that are none. */
  sendRaw(data: string | Uint8Array, { binary, framed = true }: RawOptions = {}): void {
    const { link } = this.#exchange;
    if (framed) link.send(data, binary);
    else link.sendBytes(typeof data === 'string' ? Buffer.from(data) : data);
  }

  /**
   * Takes the next message that belongs to no operation with a handle: about the connection (ack,
   * ping, pong, ka, connection_error), or of an id that was sent raw. Fails when it is no JSON object.
   */
  async receive(): Promise<JsonObject> {
    return this.#receive('Expected a message on the connection', 'a message');
  }

  /** As `receive`; the message must be exactly this. Matchers may stand for values. */
  async expectMessage(expected: object): Promise<void> {
    const expectation = `Expected the message ${showExpected(expected)} on the connection`;
    const actual = await this.#receive(expectation, expected);
    if (matches(actual, expected)) return;
    const outcome = `it received ${show(actual)}`;
    throw this.#exchange.expect.failure({ expectation, outcome, actual, expected });
  }

  /** Waits until the connection closes, which must be with this code. @param reason - the whole text, or a pattern */
  async expectClose(code: number, reason?: string | RegExp): Promise<void> {
    const wanted = reason === undefined ? code : `${code} ${show(reason)}`;
    const expectation = `Expected the connection to close with ${wanted}`;
    const expected = { code, ...(reason !== undefined && { reason }) };
    // The test looks at the code itself, so that it may be any.
    this.#exchange.expect.breaches.expectClose();
    const actual = await this.#exchange.expect.wait(this.closed, expectation, expected);
    if (actual.code === code && isReason(actual.reason, reason)) return;
    throw this.#exchange.expect.failure({
      expectation,
      outcome: `it closed with ${showClose(actual)}`,
      actual,
      expected,
    });
  }

  /** Closes the connection; resolves when both sides have. */
  async close(code = 1000, reason = ''): Promise<void> {
    const { link, timeoutMs } = this.#exchange;
    link.close(code, reason);
    assertTicksAreReal();
    const outcome = await withRealImmediates(() => within(this.closed, timeoutMs));
    this.#exchange.expect.assertConduct();
    if (outcome.kind === 'done') return;
    const expectation = 'Expected the server to answer the close';
    const failure = this.#exchange.expect.absence('timeout', expectation, 'a close');
    link.terminate();
    throw failure;
  }

  /** Drops the socket without a close frame, as a process that dies; what was sent still arrives. */
  drop(): void {
    this.#exchange.link.terminate();
  }

  /** The same as `drop`, by the name that it has in the package `ws`. */
  terminate(): void {
    this.drop();
  }

  /**
   * Lets so many more bytes go out, heads of frames included, then drops the socket: the server is
   * left with half a frame. 0 drops it at once.
   */
  cutAfter(bytes: number): void {
    if (!(Number.isInteger(bytes) && bytes >= 0)) throw wrongNumber('cutAfter', bytes);
    this.#exchange.link.cutAfter(bytes);
  }

  /**
   * Hears nothing and says nothing from now on, pongs included, while the socket stays open: a
   * device out of reach. Its end is seen at the server only; `close()` drops the socket.
   */
  halfOpen(): void {
    this.#exchange.link.halfOpen();
  }

  /** Reads at this rate, so that the server has to wait, and pongs are late. */
  slowReader(bytesPerSecond: number): void {
    if (!(bytesPerSecond > 0)) throw wrongNumber('slowReader', bytesPerSecond);
    this.#exchange.link.slowDown(bytesPerSecond);
  }

  /** Reads nothing more from the socket, so that the server has to wait: a slow client. */
  pause(): void {
    this.#exchange.link.pause();
  }

  /** Reads on at full speed after `pause`, `slowReader` or `halfOpen`. */
  resume(): void {
    this.#exchange.link.resume();
  }

  /**
   * Sends a websocket ping and waits for its pong: then all that the server had sent before has
   * arrived. Rejects when the connection closes.
   */
  async fence(): Promise<void> {
    await this.#exchange.fence();
  }

  /**
   * Proves that nothing is unread on the whole connection, without waiting for a time to pass: all
   * that the server had to do is done, and all that it sent has arrived.
   *
   * A server without `app.graphqlWs.settled()` is only known to have sent what it had ready.
   */
  async expectSilence(): Promise<void> {
    const expectation = 'Expected the connection to be silent';
    await this.#exchange.settle(expectation);
    const unread = this.#exchange.unread();
    if (unread.length === 0) return;
    const outcome = `${unread.length} ${unread.length === 1 ? 'message is' : 'messages are'} unread`;
    throw this.#exchange.expect.failure({ expectation, outcome, actual: unread, expected: [] });
  }

  /**
   * All that was exchanged so far, as failures show it but without the times: the same in each run,
   * for snapshots. Operations are called op1, op2 and so on, whatever their ids are.
   */
  transcript(): string {
    return this.#exchange.link.transcript.toStableString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #start(query: string, options: OperationOptions): OperationFeed {
    const feed = this.#exchange.openFeed(options.id, query, false);
    this.#sendOperation(feed, query, options);
    return feed;
  }

  #sendOperation(feed: OperationFeed, query: string, options: OperationOptions): void {
    const { variables, operationName, extensions } = options;
    const payload: OperationPayload = {
      query,
      ...(variables !== undefined && { variables }),
      ...(operationName !== undefined && { operationName }),
      ...(extensions !== undefined && { extensions }),
    };
    const { wireId } = feed;
    this.#exchange.send({ type: 'subscribe', id: String(wireId), wireId, payload });
  }

  async #receive(expectation: string, expected: unknown): Promise<JsonObject> {
    const { unclaimed } = this.#exchange;
    const { frame } = await this.#exchange.expect.take(unclaimed, expectation, expected);
    const message = parseObject(frame);
    if (message) return message;
    const outcome = `it received what is no JSON object: ${this.#exchange.link.transcript.show(frame)}`;
    throw this.#exchange.expect.failure({ expectation, outcome, actual: frame, expected });
  }
}

function isReason(actual: string, expected: string | RegExp | undefined): boolean {
  if (expected === undefined) return true;
  return typeof expected === 'string' ? actual === expected : actual.search(expected) >= 0;
}

function wrongNumber(method: string, got: number): RangeError {
  return new RangeError(`Cannot call ${method}(${got}): the number of bytes must be positive`);
}
