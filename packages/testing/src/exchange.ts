import type { AssertionError } from 'node:assert';
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

import { type Failure, failureError } from './failure.ts';
import { Inbox, type Taken } from './inbox.ts';
import { Link, type OpenWebSocket, showClose } from './link.ts';
import { readEvent, showEvent } from './operation-event.ts';
import { OperationFeed } from './operation-feed.ts';
import { show } from './show.ts';
import { type Frame, showFrame } from './show-frame.ts';
import { Transcript } from './transcript.ts';
import { within } from './within.ts';

/** What an exchange needs to know besides its websocket. */
export interface ExchangeSettings {
  /** What is spoken when the server chose no subprotocol. */
  readonly fallback: Subprotocol;
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
  /** Does the server confirm subscriptions when asked to? */
  readonly canConfirm: boolean;

  readonly #settled: ExchangeSettings['settled'];
  readonly #feeds = new Map<string, OperationFeed>();
  readonly #replacedFeeds: OperationFeed[] = [];
  #handshake: Inbox<HandshakeReply> | undefined;
  #idCount = 0;

  /** Must be called before the first message can arrive. */
  constructor(opened: OpenWebSocket, settings: ExchangeSettings) {
    const { fallback, timeoutMs, settled } = settings;
    const chosen = SUBPROTOCOLS.find((subprotocol) => subprotocol === opened.protocol);
    this.codec = clientCodecFor(chosen ?? fallback);
    this.timeoutMs = timeoutMs;
    this.canConfirm = settled !== undefined;
    this.#settled = settled;
    this.link = new Link(opened, new Transcript(), {
      onFrame: (frame) => this.#route(frame),
      onClose: () => this.#end(),
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
    const taken = await replies.take(this.timeoutMs);
    if (taken.kind !== 'item') throw this.absence(taken.kind, expectation, 'connection_ack');
    const reply = taken.item;
    if (reply.type === 'connection_ack') return reply.payload;
    throw this.failure({
      expectation,
      outcome: `it received connection_error ${show(reply.payload)}`,
      actual: reply,
      expected: { type: 'connection_ack' },
    });
  }

  /** Makes room for an operation that is about to start, under a new id when none is wanted. */
  openFeed(wantedId: WireId | undefined, awaitsConfirmation: boolean): OperationFeed {
    const feed = new OperationFeed(wantedId ?? this.#freeId(), awaitsConfirmation);
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
    for (const { frame } of arrived) this.#route(frame);
    return feed;
  }

  /** Waits until all that the server had sent has arrived; rejects when the connection closes. */
  async fence(expectation = 'Expected the server to answer a websocket ping'): Promise<void> {
    const outcome = await within(this.link.fence(), this.timeoutMs);
    if (outcome.kind === 'timeout') throw this.absence('timeout', expectation, 'a pong');
    if (!outcome.value) throw this.absence('ended', expectation, 'a pong');
  }

  /** Waits until the server has done all it has to do, and all that it sent has arrived. */
  async settle(expectation: string): Promise<void> {
    await this.fence(expectation);
    if (!this.#settled) return;
    const outcome = await within(this.#settled(), this.timeoutMs);
    if (outcome.kind === 'timeout') {
      throw this.failure({
        expectation,
        outcome: `the server did not settle within ${this.timeoutMs} ms`,
        actual: 'busy',
        expected: 'settled',
        isTimeout: true,
      });
    }
    await this.fence(expectation);
  }

  /** All that has arrived and nobody has read, one line each. */
  unread(): string[] {
    const feeds = [...this.#replacedFeeds, ...this.#feeds.values()];
    return [
      ...this.unclaimed.unread.map(({ frame }) => `connection: ${showFrame(frame)}`),
      ...feeds.flatMap(({ wireId, inbox }) =>
        inbox.unread.map((event) => `operation ${JSON.stringify(wireId)}: ${showEvent(event)}`),
      ),
    ];
  }

  /** The error of an expectation, with the whole exchange in its message. */
  failure(failure: Failure): AssertionError {
    return failureError(failure, { transcript: this.link.transcript, unread: this.unread() });
  }

  /** The error of an expectation for which nothing came. */
  absence(
    kind: Exclude<Taken<never>['kind'], 'item'>,
    expectation: string,
    expected: unknown,
  ): AssertionError {
    const { closeEvent } = this.link;
    if (kind === 'timeout') {
      const outcome = `nothing came within ${this.timeoutMs} ms`;
      return this.failure({ expectation, outcome, actual: 'nothing', expected, isTimeout: true });
    }
    return closeEvent
      ? this.failure({
          expectation,
          outcome: `the connection closed with ${showClose(closeEvent)}`,
          actual: closeEvent,
          expected,
        })
      : this.failure({ expectation, outcome: 'it had ended', actual: 'ended', expected });
  }

  #route(frame: Frame): void {
    const message = this.codec.decode(frame);
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
