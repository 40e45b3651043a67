import type { FormattedError, JsonObject, ResultPayload } from '@groupcast/protocol';

/**
 * What went wrong.
 *
 * - `GRAPHQL_RESPONSE`: the server answered with errors; always a {@link GraphQLResponseError}
 * - `CONNECTION_LOST`: the connection ended before the answer; a mutation may have been executed
 * - `NOT_CONNECTED`: there was no connection within `queueTimeoutMs`; nothing was sent
 * - `UNAUTHORIZED`: the server closed with 4401 or 4403, also after new `params`
 * - `REFUSED`: the server closed with a code that connecting again does not mend
 * - `CLIENT_CLOSED`: `close()` was called
 * - `ABORTED`: the signal of the operation fired, or the subscription was ended before it was live
 * - `NO_RESULT`: the server completed a query or mutation without a result
 * - `DOCUMENT_INVALID`: the document can't be sent as what it was given for
 * - `VARIABLES_INVALID`: the variables or extensions can't be written as JSON
 * - `CONSUMED`: the subscription has a consumer already
 * - `OPTION_INVALID`: an option of the client can't be used: the url, or no WebSocket where the
 *   runtime has none
 */
export type ClientErrorCode =
  | 'GRAPHQL_RESPONSE'
  | 'CONNECTION_LOST'
  | 'NOT_CONNECTED'
  | 'UNAUTHORIZED'
  | 'REFUSED'
  | 'CLIENT_CLOSED'
  | 'ABORTED'
  | 'NO_RESULT'
  | 'DOCUMENT_INVALID'
  | 'VARIABLES_INVALID'
  | 'CONSUMED'
  | 'OPTION_INVALID';

/** What a {@link ClientError} carries beside its code and message. */
export interface ClientErrorOptions {
  /** @default true for `CONNECTION_LOST` and `NOT_CONNECTED`, else false */
  readonly retryable?: boolean | undefined;
  readonly closeCode?: number | undefined;
  readonly cause?: unknown;
}

/** Everything that the client throws, rejects with or reports. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError';
  declare readonly code: ClientErrorCode;
  /** Whether the same call may succeed later. A mutation that was sent may have been executed. */
  declare readonly retryable: boolean;
  /** The code of the close frame; 1006 when the connection ended without one. */
  declare readonly closeCode: number | undefined;

  /** @param message - when it is empty: that of the cause, or else the code */
  constructor(
    code: ClientErrorCode,
    message?: string,
    { retryable = /^CONN|^NOT_/.test(code), closeCode, cause }: ClientErrorOptions = {},
  ) {
    super(message || Object(cause).message || code, cause ? { cause } : {});
    this.code = code;
    this.retryable = retryable;
    this.closeCode = closeCode;
  }
}

/** Codes of a server that did not execute the operation, and may soon. */
const TEMPORARY: readonly unknown[] = ['SERVER_DRAINING', 'BROKER_UNAVAILABLE'];

/** The server answered with GraphQL errors; the message is that of the first. */
export class GraphQLResponseError extends ClientError {
  override readonly name: string = 'GraphQLResponseError';
  /** None when the server answered with neither data nor errors. */
  declare readonly errors: readonly FormattedError[];
  /** What came beside the errors: partial data, null, or undefined when nothing was executed. */
  declare readonly data: unknown;
  declare readonly extensions: JsonObject | undefined;

  constructor({ errors = [], data, extensions }: ResultPayload) {
    const isTemporary = errors.some((error) => TEMPORARY.includes(error.extensions?.['code']));
    super('GRAPHQL_RESPONSE', errors[0]?.message ?? 'No data', { retryable: isTemporary });
    Object.assign(this, { errors, data, extensions });
  }
}
