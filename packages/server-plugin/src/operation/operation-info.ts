import type { JsonObject } from '@groupcast/protocol';

/** One operation, as the app's hooks see it. */
export interface OperationInfo {
  /** The client's id of it, unique among those that run on its connection. */
  readonly id: string;
  /** The document's text as the client sent it, or as `onOperation` replaced it. */
  readonly query: string;
  readonly operationName: string | undefined;
  /** The raw variables, not coerced yet. */
  readonly variables: JsonObject | undefined;
  readonly extensions: JsonObject | undefined;
  /** Fires when the operation ends, for whatever reason. */
  readonly signal: AbortSignal;
}

/** What `onOperation` may return to change what is executed. */
export interface OperationOverride {
  /** Executed in place of the client's document (trusted documents). */
  readonly query?: string;
}
