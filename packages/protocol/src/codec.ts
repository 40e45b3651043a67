import type {
  LegacyClientMessage,
  LegacyServerMessage,
  ModernClientMessage,
  ModernServerMessage,
  WireId,
} from './messages.ts';
import type { LEGACY, MODERN, Subprotocol } from './subprotocol.ts';
import type { Violation } from './violation.ts';

/**
 * The text around the id and the result of a `next` (`data`) message: `beforeId`, the JSON of the
 * id, `beforeResult`, the JSON of the result, `end`.
 */
export interface NextEnvelope {
  readonly beforeId: string;
  readonly beforeResult: string;
  readonly end: string;
}

interface ServerEnd<Name extends Subprotocol, Incoming, Outgoing> {
  readonly subprotocol: Name;
  /**
   * Reads one frame of a client. Total: it never throws.
   *
   * @param frame - the text of a text frame; anything else counts as a binary frame
   */
  decode(frame: unknown): Incoming | Violation;
  /** Writes one message. Throws what `JSON.stringify` throws on a payload that it can't carry. */
  encode(message: Outgoing): string;
  /**
   * Writes a `next` (`data`) message around a result that is JSON text already.
   *
   * The same bytes as `encode` gives for that result: the frames of one result differ in their
   * heads only.
   */
  encodeNext(id: WireId, resultJson: string): string;
  /** What `encodeNext` puts around its arguments, for who writes bytes instead of text. */
  readonly nextEnvelope: NextEnvelope;
}

/** A message as a client sends it: without another id to echo than its own, unless it says so. */
export type Sent<Message> = Message extends { readonly wireId: WireId }
  ? Omit<Message, 'wireId'> & { readonly wireId?: WireId }
  : Message;

interface ClientEnd<Name extends Subprotocol, Incoming, Outgoing> {
  readonly subprotocol: Name;
  /**
   * Reads one frame of a server. Total: it never throws. Each violation asks for a close with 4400.
   *
   * @param frame - the text of a text frame; anything else counts as a binary frame
   */
  decode(frame: unknown): Incoming | Violation;
  /** Writes one message. Throws what `JSON.stringify` throws on a payload that it can't carry. */
  encode(message: Sent<Outgoing>): string;
}

/** The server's end of the modern subprotocol. Stateless: one object serves all connections. */
export interface ModernServerCodec
  extends ServerEnd<typeof MODERN, ModernClientMessage, ModernServerMessage> {}

/** The server's end of the legacy subprotocol. Stateless: one object serves all connections. */
export interface LegacyServerCodec
  extends ServerEnd<typeof LEGACY, LegacyClientMessage, LegacyServerMessage> {}

/**
 * The server's end of either subprotocol: takes the messages that both have.
 *
 * Ask for its `subprotocol` to send one that only that has (`pong`; `connection_error`, `ka`).
 */
export type ServerCodec = ModernServerCodec | LegacyServerCodec;

/** The client's end of the modern subprotocol. Stateless: one object serves all connections. */
export interface ModernClientCodec
  extends ClientEnd<typeof MODERN, ModernServerMessage, ModernClientMessage> {}

/** The client's end of the legacy subprotocol. Stateless: one object serves all connections. */
export interface LegacyClientCodec
  extends ClientEnd<typeof LEGACY, LegacyServerMessage, LegacyClientMessage> {}

/**
 * The client's end of either subprotocol: takes the messages that both have.
 *
 * Ask for its `subprotocol` to send one that only that has (`ping`, `pong`; `connection_terminate`).
 */
export type ClientCodec = ModernClientCodec | LegacyClientCodec;
