import { CloseCode, cutReason, type WireId } from '@groupcast/protocol';
import type { FastifyRequest } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import type { EndReason } from '../operation/operation.ts';
import type {
  OperationClient,
  OperationFailure,
  OperationLog,
  Wakeable,
} from '../operation/operation-client.ts';
import type { OperationInfo } from '../operation/operation-info.ts';
import { Operations } from '../operation/operations.ts';
import { AppConnection } from './app-connection.ts';
import type { ConnectionServices } from './connection-services.ts';
import { type ConnectionState, moved } from './connection-state.ts';
import { Conversation } from './conversation.ts';
import type { CancelDeadline } from './deadlines.ts';
import type { Dialect } from './dialect.ts';
import type { KeptAlive } from './keep-alive.ts';
import { Outbox, type OutboxOwner } from './outbox.ts';
import type { ReturnSlot } from './return-slots.ts';
import { byteLength, listenTo, type SocketOwner } from './socket-listeners.ts';
import { type SocketStream, takenBytes, writeQueueBytes } from './socket-stream.ts';

/** How RFC 6455 calls a close frame without a code. */
const NO_CODE = 1005;

// The same for all: most connections are in one of these.
const AWAITING_INIT: ConnectionState = { name: 'awaiting-init' };
const INITIALISING: ConnectionState = { name: 'initialising' };
const READY: ConnectionState = { name: 'ready' };

/** What {@link Connection} is made of. */
export interface ConnectionOptions {
  readonly socket: WebSocket;
  /** Absent where the socket has no stream that is known. */
  readonly stream: SocketStream | undefined;
  readonly request: FastifyRequest;
  readonly dialect: Dialect;
  readonly services: ConnectionServices;
  readonly slot: ReturnSlot;
  /** Called once, when the socket is gone and every hook of the app has run. */
  readonly onGone: (connection: Connection) => void;
}

/**
 * The life of one client: its state, what is sent to it, and its one close.
 *
 * Construct it in the same tick as the upgrade: frames may arrive in the next one.
 */
export class Connection implements OperationClient, OutboxOwner, KeptAlive, SocketOwner {
  readonly app: AppConnection;
  readonly dialect: Dialect;
  readonly services: ConnectionServices;
  readonly operations: Operations;
  readonly slot: ReturnSlot;
  readonly #socket: WebSocket;
  readonly #stream: SocketStream | undefined;
  readonly #sendClose: WebSocket['close'];
  readonly #outbox: Outbox;
  readonly #conversation: Conversation;
  readonly #onGone: (connection: Connection) => void;
  /** Absent while nobody waits. */
  #waiting: Set<Wakeable> | undefined;
  #state: ConnectionState = AWAITING_INIT;
  #wasAcknowledged = false;
  #framesRead = 0;
  #cancelClosing: CancelDeadline | undefined;
  #operationsEnded: Promise<void> | undefined;

  constructor({ socket, stream, request, dialect, services, slot, onGone }: ConnectionOptions) {
    this.#socket = socket;
    this.#stream = stream;
    this.dialect = dialect;
    this.services = services;
    this.slot = slot;
    this.#onGone = onGone;
    this.app = new AppConnection({ log: request.log, protocol: dialect.subprotocol }, this);
    this.#outbox = new Outbox({
      socket,
      stream,
      dialect,
      flusher: services.flusher,
      limitBytes: services.settings.bufferedBytes,
      owner: this,
    });
    this.operations = new Operations(this, services.operations);
    this.#conversation = new Conversation(this, request);
    this.#sendClose = listenTo(socket, this, stream?.bytesRead !== undefined);
    services.keepAlive?.add(this);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get log(): OperationLog {
    return this.app.log;
  }

  /** Bytes that wait for this client. */
  get bufferedBytes(): number {
    return this.#outbox.bufferedBytes;
  }

  /** Closes it when `tag` is one of its tags, also when its tags are not known yet. */
  disconnectTagged(tag: string, code: number, reason: string): void {
    this.#conversation.disconnectTagged(tag, code, reason);
  }

  // What operations need.

  beforeOperation(operation: OperationInfo): unknown {
    return this.services.hooks.onOperation?.(operation, this.app);
  }

  createContext(operation: OperationInfo): unknown {
    const { context } = this.services.hooks;
    return context === undefined ? {} : context({ connection: this.app, operation });
  }

  get isWritable(): boolean {
    return this.#outbox.isWritable;
  }

  onceWritable(waiting: Wakeable): void {
    this.#waiting ??= new Set();
    this.#waiting.add(waiting);
  }

  forget(waiting: Wakeable): void {
    this.#waiting?.delete(waiting);
  }

  sendNext(id: WireId, resultJson: string): void {
    this.#outbox.pushNext(id, resultJson);
  }

  sendFailure(id: WireId, failure: OperationFailure): void {
    for (const frame of this.dialect.encodeFailure(id, failure)) this.send(frame);
  }

  sendComplete(id: WireId): void {
    this.send(this.dialect.encodeComplete(id));
  }

  // What the outbox and the keep-alive need.

  outboxOverflowed(): void {
    this.log.warn(
      { connection: this.app.id, bufferedBytes: this.bufferedBytes },
      'Client reads too slowly: it is closed with 1013 (limits.bufferedBytes)',
    );
    this.close(CloseCode.TRY_AGAIN_LATER, 'Too slow: too many bytes wait to be read');
  }

  outboxDrained(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    for (const each of waiting) this.services.operations.scheduler.enqueue(each);
  }

  get signsOfLife(): number {
    return this.#framesRead + (this.#stream?.bytesRead ?? 0);
  }

  get backlogBytes(): number {
    return this.#outbox.backlogBytes;
  }

  get takenBytes(): number {
    return this.#stream === undefined ? 0 : takenBytes(this.#stream);
  }

  get unfinishedBytes(): number {
    return this.#stream === undefined ? 0 : writeQueueBytes(this.#stream);
  }

  get wantsKa(): boolean {
    return this.#state.name === 'ready' && this.services.settings.sendsKa;
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  sendKa(): void {
    const frame = this.dialect.encodeKeepAlive();
    if (frame !== undefined) this.send(frame);
  }

  presumeDead(): void {
    this.log.info({ connection: this.app.id }, 'Client gives no sign of life: it is terminated');
    this.#socket.terminate();
  }

  // Its life.

  /** Queues one frame; frames after the close was decided are dropped. */
  send(frame: string): void {
    this.#outbox.push(frame);
  }

  /** Goes on to the next state before a close. */
  advance(name: 'initialising' | 'ready'): void {
    this.#state = moved(this.#state, name === 'ready' ? READY : INITIALISING);
    if (name === 'ready') this.#wasAcknowledged = true;
  }

  /**
   * Decides the close: ends all operations, then sends what was queued and the close frame.
   *
   * The first close counts; later ones do nothing. A client that does not answer is cut off after
   * `closeTimeoutMs`.
   */
  close(code: number, reason: string, endReason: EndReason = 'disconnect'): void {
    if (this.#isClosing) return;
    const shortReason = cutReason(reason);
    this.#beginClosing(code, shortReason, endReason);
    this.#sendClose.call(this.#socket, code, shortReason);
  }

  get #isClosing(): boolean {
    return this.#state.name === 'closing' || this.#state.name === 'closed';
  }

  #beginClosing(code: number, reason: string, endReason: EndReason): void {
    this.#state = moved(this.#state, { name: 'closing', code, reason });
    this.#leave(endReason);
    this.#outbox.close();
    this.#cutOffLater();
  }

  /** `ws` closes by itself when the client closes, and when a frame breaks its rules. */
  #closedByWs(code: number = NO_CODE, reason: string | Buffer = ''): void {
    if (!this.#isClosing) this.#beginClosing(code, reason.toString(), 'disconnect');
  }

  // What its socket tells.

  socketFailed(error: Error): void {
    this.log.debug({ err: error, connection: this.app.id }, 'WebSocket failed');
    this.#cutOffLater();
  }

  socketCloses(code: number | undefined, reason: string | Buffer | undefined): void {
    this.#closedByWs(code, reason);
    this.#sendClose.call(this.#socket, code, reason);
  }

  socketGaveSign(): void {
    this.#framesRead += 1;
  }

  socketReceived(data: RawData, isBinary: boolean): void {
    this.#framesRead += 1;
    // `ws` goes on handing out the messages of a segment after close() was called.
    if (this.#isClosing) return;
    if (byteLength(data) > this.services.settings.messageBytes) {
      return this.close(CloseCode.MESSAGE_TOO_BIG, 'Message too big');
    }
    this.#conversation.receive(isBinary ? undefined : data.toString());
  }

  socketClosed(code: number, reason: Buffer): void {
    void this.#closed(code, reason.toString());
  }

  async #closed(code: number, reason: string): Promise<void> {
    const decided = this.#state.name === 'closing' ? this.#state : { code, reason };
    this.#state = moved(this.#state, {
      name: 'closed',
      code: decided.code,
      reason: decided.reason,
    });
    this.#cancelClosing?.();
    this.#outbox.discard();
    this.#leave('disconnect');
    await this.#inTime(this.#operationsEnded);
    if (this.#wasAcknowledged) {
      await this.#inTime(this.#runOnDisconnect(decided.code, decided.reason));
    }
    this.#onGone(this);
  }

  /** Ends whatever the connection runs; the first reason counts. */
  #leave(reason: EndReason): void {
    this.services.keepAlive?.remove(this);
    this.#conversation.stop();
    this.#waiting = undefined;
    this.#operationsEnded ??= this.operations.endAll(reason);
  }

  /** Waits for hooks, but not for ever: one that hangs is the app's fault. */
  async #inTime(hooks: Promise<void> | undefined): Promise<void> {
    const { deadlines, settings } = this.services;
    await deadlines.atMost(settings.closeTimeoutMs, hooks);
  }

  async #runOnDisconnect(code: number, reason: string): Promise<void> {
    try {
      await this.services.hooks.onDisconnect?.(this.app, code, reason);
    } catch (error) {
      this.log.error({ err: error, connection: this.app.id }, 'onDisconnect() failed');
    }
  }

  #cutOffLater(): void {
    const { deadlines, settings } = this.services;
    this.#cancelClosing ??= deadlines.after(settings.closeTimeoutMs, () =>
      this.#socket.terminate(),
    );
  }
}
