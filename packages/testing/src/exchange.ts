import {
  type ClientCodec,
  type ClientMessage,
  type ConnectionAckMessage,
  type ConnectionErrorMessage,
  clientCodecFor,
  type JsonObject,
  SUBPROTOCOLS,
  type Subprotocol,
  type WireId,
} from '@groupcast/protocol';

import { Conduct } from './conduct.ts';
import { Expectations } from './expectations.ts';
import { Inbox } from './inbox.ts';
import { Link, type OpenWebSocket } from './link.ts';
import { readEvent, showEvent } from './operation-event.ts';
import { OperationFeed } from './operation-feed.ts';
import { withRealImmediates } from './real-timers.ts';
import { cut, show } from './show.ts';
import type { Frame } from './show-frame.ts';
import { Transcript } from './transcript.ts';
import { within } from './within.ts';

/** What an exchange needs to know besides its websocket. */
export interface ExchangeSettings {
  /** What is spoken when the server chose no subprotocol. */
  readonly fallback: Subprotocol;
  /** Does a breach of the subprotocol's rules fail the test? */
  readonly isStrict: boolean;
  readonly timeoutMs: number;
  /** Resolves when nothing is on its way inside the server; undefined for a foreign one. */
  readonly settled: (() => Promise<void>) | undefined;
}

/** A frame that belongs to no operation with a handle. */
interface Unclaimed {
  readonly frame: Frame;
  readonly id: WireId | undefined;
}

type HandshakeReply = ConnectionAckMessage | ConnectionErrorMessage;

/** One connection's conversation: brings each message to whom it concerns. */
export class Exchange {
  readonly link: Link;
  readonly codec: ClientCodec;
  readonly timeoutMs: number;
  /** Messages about the connection, and those of operations that nobody has a handle of. */
  readonly unclaimed: Inbox<Unclaimed> = new Inbox();
  /** How expectations wait and fail. */
  readonly expect: Expectations;
  /** Does the server confirm subscriptions when asked to? */
  readonly canConfirm: boolean;

  readonly #settled: ExchangeSettings['settled'];
  readonly #feeds = new Map<string, OperationFeed>();
  readonly #replacedFeeds: OperationFeed[] = [];
  readonly #conduct: Conduct | undefined;
  #handshake: Inbox<HandshakeReply> | undefined;
  #idCount = 0;

  /** Must be called before the first message can arrive. */
  constructor(opened: OpenWebSocket, settings: ExchangeSettings) {
    const { fallback, isStrict, timeoutMs, settled } = settings;
    const chosen = SUBPROTOCOLS.find((subprotocol) => subprotocol === opened.protocol);
    this.codec = clientCodecFor(chosen ?? fallback);
    this.timeoutMs = timeoutMs;
    this.canConfirm = settled !== undefined;
    this.#settled = settled;
    this.expect = new Expectations({
      subprotocol: this.codec.subprotocol,
      timeoutMs,
      unread: () => this.unread(),
      link: () => this.link,
    });
    this.#conduct = isStrict
      ? new Conduct(this.codec.subprotocol, {
          onBreach: (breach) => this.expect.addBreach(breach),
          show: (frame) => this.link.transcript.show(frame),
        })
      : undefined;
    this.link = new Link(opened, new Transcript(), {
      onFrame: (frame, line) => this.#read(frame, line),
      onSent: (frame) => this.#conduct?.sent(frame),
      onClose: (event, isOurs) => {
        if (!isOurs) this.#conduct?.closed(event);
        this.#end();
      },
    });
  }

  send(message: Exclude<ClientMessage, { type: 'ping' | 'pong' | 'connection_terminate' }>): void {
    this.link.send(this.codec.encode(message));
  }

  /** Sends `connection_init`; resolves with the payload of the ack. */
  async handshake(params: JsonObject | undefined): Promise<JsonObject | undefined> {
    const replies = new Inbox<HandshakeReply>();
    this.#handshake = replies;
    this.send({ type: 'connection_init', ...(params && { payload: params }) });

    const expectation = 'Expected the connection to be acknowledged';
    const reply = await this.expect.take(replies, expectation, 'connection_ack');
    this.expect.assertConduct();
    if (reply.type === 'connection_ack') return reply.payload;
    throw this.expect.failure({
      expectation,
      outcome: `it received connection_error ${show(reply.payload)}`,
      actual: reply,
      expected: { type: 'connection_ack' },
    });
  }

  /** Makes room for an operation that is about to start, under a new id when none is wanted. */
  openFeed(
    wantedId: WireId | undefined,
    query: string,
    awaitsConfirmation: boolean,
  ): OperationFeed {
    const feed = new OperationFeed(wantedId ?? this.#freeId(), awaitsConfirmation, query);
    this.#register(feed);
    return feed;
  }

  /** Finds the operation of an id, with what has arrived for it and was not read. */
  findFeed(wireId: WireId): OperationFeed {
    const found = this.#feeds.get(String(wireId));
    if (found && !found.isSpent) return found;

    const feed = new OperationFeed(wireId, false);
    this.#register(feed);
    const arrived = this.unclaimed.takeWhere(({ id }) => String(id) === String(wireId));
    for (const { frame } of arrived) this.#route(this.codec.decode(frame), frame);
    return feed;
  }

  /** Waits until all that the server had sent has arrived; rejects when the connection closes. */
  async fence(expectation = 'Expected the server to answer a websocket ping'): Promise<void> {
    // Only our server is known to answer pings behind all that it was sent before.
    const passed = this.canConfirm ? this.#conduct?.mark() : undefined;
    const isPassed = await this.expect.wait(this.link.fence(), expectation, 'a pong');
    if (!isPassed) throw this.expect.absence('ended', expectation, 'a pong');
    passed?.();
    this.expect.assertConduct();
  }

  /** Waits until the server has done all it has to do, and all that it sent has arrived. */
  async settle(expectation: string): Promise<void> {
    await this.fence(expectation);
    if (!this.#settled) return;
    const settled = this.#settled;
    const outcome = await withRealImmediates(() => within(settled(), this.timeoutMs));
    if (outcome.kind === 'timeout') {
      throw this.expect.failure({
        expectation,
        outcome: `the server did not settle within ${this.timeoutMs} ms`,
        actual: 'busy',
        expected: 'settled',
        isTimeout: true,
      });
    }
    await this.fence(expectation);
  }

  /** An operation as failures call it: `operation op1`. */
  nameOf({ wireId }: OperationFeed): string {
    return `operation ${this.link.transcript.nameOf(wireId)}`;
  }

  /** The connection and what runs on it: `graphql-transport-ws: operation op1 { a }`. */
  describe(): string {
    const running = [...this.#feeds.values()].filter(({ isRunning }) => isRunning);
    const operations = running.map((feed) =>
      cut(`${this.nameOf(feed)} ${feed.query ?? 'sent raw'}`),
    );
    return `${this.codec.subprotocol}: ${operations.join('; ') || 'no operation'}`;
  }

  /** All that has arrived and nobody has read, one line each. */
  unread(): string[] {
    const { transcript } = this.link;
    const feeds = [...this.#replacedFeeds, ...this.#feeds.values()];
    return [
      ...this.unclaimed.unread.map(({ frame }) => `connection: ${transcript.show(frame)}`),
      ...feeds.flatMap((feed) =>
        feed.inbox.unread.map((event) => `${this.nameOf(feed)}: ${showEvent(event)}`),
      ),
    ];
  }

  #read(frame: Frame, line: number): void {
    const message = this.codec.decode(frame);
    this.#conduct?.received(message, { frame, line });
    this.#route(message, frame);
  }

  #route(message: ReturnType<ClientCodec['decode']>, frame: Frame): void {
    const addressed = readEvent(message, frame);
    const feed = addressed && this.#feeds.get(String(addressed.id));
    if (addressed && feed) {
      feed.accept(addressed.event);
    } else if (
      this.#handshake &&
      (message.type === 'connection_ack' || message.type === 'connection_error')
    ) {
      this.#handshake.put(message);
      // A second reply is one too many, so it is left for all to see.
      this.#handshake = undefined;
    } else {
      this.unclaimed.put({ frame, id: addressed?.id });
    }
  }

  #register(feed: OperationFeed): void {
    const key = String(feed.wireId);
    const replaced = this.#feeds.get(key);
    if (replaced) {
      replaced.end();
      this.#replacedFeeds.push(replaced);
    }
    this.#feeds.set(key, feed);
    if (this.link.closeEvent) feed.end();
  }

  #freeId(): string {
    do this.#idCount += 1;
    while (this.#feeds.has(String(this.#idCount)));
    return String(this.#idCount);
  }

  #end(): void {
    this.#handshake?.end();
    this.unclaimed.end();
    for (const feed of this.#feeds.values()) feed.end();
  }
}
