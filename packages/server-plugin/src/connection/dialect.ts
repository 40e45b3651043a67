import type {
  ClientMessage,
  FormattedError,
  JsonObject,
  NextEnvelope,
  Subprotocol,
  Violation,
  WireId,
} from '@groupcast/protocol';
import type { OperationFailure } from '../operation/operation-client.ts';

/** How one subprotocol speaks and behaves, as far as the two differ for a connection. */
export interface Dialect {
  readonly subprotocol: Subprotocol;
  decode(frame: unknown): ClientMessage | Violation;
  encodeNext(id: WireId, resultJson: string): string;
  /** What `encodeNext` puts around its arguments. */
  readonly nextEnvelope: NextEnvelope;
  encodeComplete(id: WireId): string;
  /** An operation that failed as a whole: one frame or more. */
  encodeFailure(id: WireId, failure: OperationFailure): readonly string[];
  encodeAck(payload: JsonObject | undefined): string;
  /** Answers a `ping` message; only the modern subprotocol knows them. */
  encodePong(payload: JsonObject | null | undefined): string | undefined;
  /** A sign of life; only the legacy subprotocol knows it. */
  encodeKeepAlive(): string | undefined;
  /** Tells a client why it is refused before the close; only the legacy subprotocol does. */
  encodeConnectionError(error: FormattedError): string | undefined;
  /** What a second `connection_init` leads to. */
  readonly secondInit: 'close' | 'ignore';
  /** Whether operations that come while `onConnect` is pending wait, or close the connection. */
  readonly earlyOperations: 'close' | 'hold';
  /** What an id that is in use leads to. */
  readonly idInUse: 'close' | 'replace';
  /** Whether a client's stop is answered by `complete`. */
  readonly answersStop: boolean;
}
