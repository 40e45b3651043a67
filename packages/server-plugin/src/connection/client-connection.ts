import type { JsonObject, Subprotocol } from '@groupcast/protocol';
import type { OperationLog } from '../operation/operation-client.ts';

/**
 * Types of the app, to be given once by declaration merging.
 *
 * @example
 * declare module '@groupcast/fastify' {
 *   interface AppTypes { connectionState: { user: User } }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: empty on purpose, the app merges into it
export interface AppTypes {}

/** What `onConnect` keeps on a connection: the app's `AppTypes.connectionState`. */
export type ConnectionStateOfApp = AppTypes extends { connectionState: infer State }
  ? State
  : Record<string, unknown>;

/** One client from its upgrade to its close, as the app's hooks see it. */
export interface ClientConnection {
  /** Unique in the world. */
  readonly id: string;
  /** The logger of the upgrade request. */
  readonly log: OperationLog;
  readonly protocol: Subprotocol;
  /** The payload of `connection_init`; an empty object when there was none. */
  readonly params: JsonObject;
  /** What `onConnect` returned as `state`; shared by all operations of the connection. */
  readonly state: ConnectionStateOfApp;
  /**
   * Closes the connection after what was sent before. A closed one stays as it is.
   *
   * @param code - 1000, or 3000 to 4999; default 1000
   * @param reason - cut to 123 bytes of UTF-8
   * @throws CloseCodeInvalidError when the code is another
   */
  close(code?: number, reason?: string): void;
}
