import type { JsonObject } from '@groupcast/protocol';
import type { ClientError } from './errors.ts';

/**
 * What the connection of a client does.
 *
 * - `idle`: there is none, nobody needs one
 * - `connecting`: dialling, until the server has acknowledged
 * - `open`: acknowledged; `ack` is the payload of that
 * - `waiting`: lost or not made; the next dial is in `retryInMs`
 * - `offline`: as `waiting`, and the platform says that there is no network: a dial follows when it
 *   is back, or in `retryInMs`
 * - `closed`: given up because of `error` (`reconnect()` begins again), or by `close()`, which is
 *   the error `CLIENT_CLOSED`
 */
export type ClientStatus =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly attempt: number }
  | { readonly name: 'open'; readonly ack: JsonObject | undefined }
  | ({ readonly name: 'waiting' } & Retry)
  | ({ readonly name: 'offline' } & Retry)
  | { readonly name: 'closed'; readonly error: ClientError };

/** When a client dials again, and why it has to. */
export interface Retry {
  /** Failures in a row. */
  readonly attempt: number;
  /** As it was when the wait began. */
  readonly retryInMs: number;
  readonly error: ClientError;
}
