import type { JsonObject, Subprotocol } from '@groupcast/protocol';

import type { MockConnection } from './mock-connection.ts';

/** How a mock server listens, and whom it lets in. */
export interface MockServerOptions {
  /** Where to listen on 127.0.0.1; 0 is any free port. @default 0 */
  readonly port?: number;
  /** The subprotocols that are spoken. @default both */
  readonly protocols?: readonly Subprotocol[];
  /**
   * Called for each `connection_init`. An object that it returns is the payload of the ack; `false`
   * refuses the client with 4403, and so does a throw, with its message as the reason.
   */
  readonly onConnect?: (
    connection: MockConnection,
  ) => JsonObject | boolean | undefined | void | Promise<JsonObject | boolean | undefined | void>;
  /** Milliseconds that each expectation waits; real ones, also when timers are faked. @default 4_000 */
  readonly timeoutMs?: number;
}
