/** A JSON object of which nothing is known but that it is one. */
export type JsonObject = { readonly [key: string]: unknown };

/** An operation id as it stands on the wire; numbers occur in the legacy subprotocol only. */
export type WireId = string | number;

/** A parsed GraphQL document, as legacy clients may send it in place of the query's text. */
export interface ParsedDocument extends JsonObject {
  readonly kind: 'Document';
}

/** What a client wants executed. Members that were null or absent on the wire are absent here. */
export interface OperationPayload {
  readonly query: string | ParsedDocument;
  readonly variables?: JsonObject;
  readonly operationName?: string;
  readonly extensions?: JsonObject;
}

/**
 * A GraphQL error as it stands in a response (GraphQL specification, section 7.1.2).
 *
 * A client codec checks that there is a message, and hands on the rest as the server wrote it: read
 * `extensions` by `?.`, and don't rely on what else stands here unless you know the server.
 */
export interface FormattedError {
  readonly message: string;
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly path?: readonly (string | number)[];
  readonly extensions?: JsonObject;
}

/**
 * A GraphQL response to one operation or one event (GraphQL specification, section 7.1).
 *
 * From a client codec, `errors` has members when it is there, and what the specification does not
 * know stands here as the server wrote it.
 */
export interface ResultPayload {
  readonly data?: unknown;
  readonly errors?: readonly FormattedError[];
  readonly extensions?: JsonObject;
}

/** Opens the conversation; `payload` carries the connection's parameters. */
export interface ConnectionInitMessage {
  readonly type: 'connection_init';
  readonly payload?: JsonObject;
}

/** Asks for the connection to be closed with 1000. Legacy only. */
export interface ConnectionTerminateMessage {
  readonly type: 'connection_terminate';
}

/** Asks for a `pong` at once, at any time, from either side. Modern only. */
export interface PingMessage {
  readonly type: 'ping';
  readonly payload?: JsonObject | null;
}

/** Answers a `ping`, or is sent unasked as a heartbeat. Modern only. */
export interface PongMessage {
  readonly type: 'pong';
  readonly payload?: JsonObject | null;
}

/** Starts an operation; `start` on the legacy wire. */
export interface SubscribeMessage {
  readonly type: 'subscribe';
  /** The key of the operation on its connection: 7 and "7" are one. */
  readonly id: string;
  /** The id to echo, as it came. */
  readonly wireId: WireId;
  readonly payload: OperationPayload;
}

/** Ends an operation on the client's wish; `stop` on the legacy wire. */
export interface ClientCompleteMessage {
  readonly type: 'complete';
  readonly id: string;
  readonly wireId: WireId;
}

/** Every message that a client may send, in either subprotocol. */
export type ClientMessage =
  | ConnectionInitMessage
  | ConnectionTerminateMessage
  | PingMessage
  | PongMessage
  | SubscribeMessage
  | ClientCompleteMessage;

/** Accepts the connection. */
export interface ConnectionAckMessage {
  readonly type: 'connection_ack';
  readonly payload?: JsonObject;
}

/** Says why the connection is refused, or which message could not be read. Legacy only. */
export interface ConnectionErrorMessage {
  readonly type: 'connection_error';
  readonly payload: FormattedError;
}

/** A sign of life of the server. Legacy only. */
export interface KeepAliveMessage {
  readonly type: 'ka';
}

/** One result; `data` on the legacy wire. */
export interface NextMessage {
  readonly type: 'next';
  readonly id: WireId;
  readonly payload: ResultPayload;
}

/** The operation failed as a whole and has ended; the legacy wire carries the first error only. */
export interface ErrorMessage {
  readonly type: 'error';
  readonly id: WireId;
  readonly payload: readonly FormattedError[];
}

/** The operation has ended. */
export interface CompleteMessage {
  readonly type: 'complete';
  readonly id: WireId;
}

/** Every message that a server may send, in either subprotocol. */
export type ServerMessage =
  | ConnectionAckMessage
  | ConnectionErrorMessage
  | KeepAliveMessage
  | PingMessage
  | PongMessage
  | NextMessage
  | ErrorMessage
  | CompleteMessage;

/** What a client may send on the modern wire. */
export type ModernClientMessage = Exclude<ClientMessage, ConnectionTerminateMessage>;

/** What a client may send on the legacy wire. */
export type LegacyClientMessage = Exclude<ClientMessage, PingMessage | PongMessage>;

/** What a server may send on the modern wire. */
export type ModernServerMessage = Exclude<ServerMessage, ConnectionErrorMessage | KeepAliveMessage>;

/** What a server may send on the legacy wire. */
export type LegacyServerMessage = Exclude<ServerMessage, PingMessage | PongMessage>;
