import type { ClientMessage, ServerMessage, WireId } from './messages.ts';
import type { Subprotocol } from './subprotocol.ts';
import type { Violation } from './violation.ts';

/** The server's end of one subprotocol. Stateless: one object serves all connections. */
export interface ServerCodec {
  readonly subprotocol: Subprotocol;
  /**
   * Reads one frame of a client. Total: it never throws.
   *
   * @param frame - the text of a text frame; anything else counts as a binary frame
   */
  decode(frame: unknown): ClientMessage | Violation;
  /** Writes one message. Throws what `JSON.stringify` throws on a payload that it can't carry. */
  encode(message: ServerMessage): string;
  /** Writes a `next` (`data`) message around a result that is JSON text already. */
  encodeNext(id: WireId, resultJson: string): string;
}

/** The client's end of one subprotocol. Stateless: one object serves all connections. */
export interface ClientCodec {
  readonly subprotocol: Subprotocol;
  /** Reads one frame of a server. Total: it never throws. */
  decode(frame: unknown): ServerMessage | Violation;
  /** Writes one message. Throws what `JSON.stringify` throws on a payload that it can't carry. */
  encode(message: ClientMessage): string;
}
