import type { Server } from 'node:http';

import type { JsonObject, Subprotocol, WireId } from '@groupcast/protocol';

/**
 * An app whose HTTP server takes upgrades, such as a Fastify app.
 *
 * The server need not listen.
 */
export interface TestableApp {
  readonly server: Server;
  /** Awaited before the first byte is sent. */
  ready?(): PromiseLike<unknown>;
  /** There when the app has the plugin of `@groupcast/fastify`. */
  readonly graphqlWs?: {
    /** Where the app takes websockets. */
    readonly path: string;
    /** Resolves when nothing is on its way inside the server. */
    settled(): Promise<void>;
  };
}

/** Who connects, where to and how. */
export interface ConnectOptions {
  /** @default the path of `app.graphqlWs`, or '/graphql' without it */
  readonly path?: string;
  /** The subprotocol to speak. @default 'graphql-transport-ws' */
  readonly protocol?: Subprotocol;
  /** The subprotocols to offer, when they shall differ from the one to speak; may be empty. */
  readonly protocols?: readonly string[];
  /** The payload of `connection_init`. */
  readonly params?: JsonObject;
  /** Headers of the upgrade request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Cookies of the upgrade request, as names and plain values; values are percent-encoded. */
  readonly cookies?: Readonly<Record<string, string>>;
  /** The `Origin` header, which browsers send. */
  readonly origin?: string;
  /** The client's address; with `transport: 'socket'` one that this machine has. @default '127.0.0.1' */
  readonly ip?: string;
  /** Send `connection_init` and wait for the ack? False: only the upgrade. @default true */
  readonly init?: boolean;
  /**
   * Does a server that breaks the rules of its subprotocol fail the test? The rules are those of
   * order (ack first, nothing after an end), of ids, pongs and close codes. @default true
   */
  readonly strict?: boolean;
  /** In memory, or over the address on which `app.server` listens. @default 'memory' */
  readonly transport?: 'memory' | 'socket';
  /** Milliseconds that each expectation waits; real ones, also when timers are faked. @default 4_000 */
  readonly timeoutMs?: number;
}

/** What belongs to an operation besides its query. */
export interface OperationOptions {
  readonly variables?: JsonObject;
  readonly operationName?: string;
  readonly extensions?: JsonObject;
  /** @default the next number that is free on this connection */
  readonly id?: WireId;
}

/** How `sendRaw` sends. */
export interface RawOptions {
  /** Mark the frame as binary? @default true for bytes, false for text */
  readonly binary?: boolean;
  /** False: the bytes go to the socket as they are, for frames that are broken. @default true */
  readonly framed?: boolean;
}
