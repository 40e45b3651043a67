import type { JsonObject, Subprotocol } from '@groupcast/protocol';

import type { MockConnection } from './mock-connection.ts';

/** How a mock server listens, and whom it lets in. */
export interface MockServerOptions {
  /** Where to listen on 127.0.0.1; 0 is any free port. @default 0 */
  readonly port?: number;
  /** The subprotocols that are spoken. @default both */
  readonly protocols?: readonly Subprotocol[];
  /**
   * Called for each `connection_init`. What it returns is the payload of the ack; `false`, or an
   * error that is thrown, refuses the client with 4403.
   */
  readonly onConnect?: (
    connection: MockConnection,
  ) => JsonObject | false | undefined | void | Promise<JsonObject | false | undefined | void>;
  /** Milliseconds that each expectation waits; real ones, also when timers are faked. @default 5_000 */
  readonly timeoutMs?: number;
}
