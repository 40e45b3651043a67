import type { JsonObject, ResultPayload } from '@groupcast/protocol';

/** What is asked of servers that know the protocol extension; others ignore it. */
export const EXTENSION: JsonObject = { v: 1, confirm: true, gaps: true };

/** What a server says of a subscription: nothing of it is checked. */
export interface Notice {
  readonly v?: unknown;
  readonly confirmed?: unknown;
  /** How long to wait before the next dial, should the connection end without a close frame. */
  readonly retryAfterMs?: unknown;
  readonly gap?: { readonly reason?: unknown; readonly dropped?: unknown };
}

/** Reads what a server says of a subscription; nothing in a result that is an event. */
export function readNotice({ extensions }: ResultPayload): Notice {
  // Whatever it is, reading members of it is safe: all that they hold is looked at where it is used.
  const notice: Notice = Object(extensions?.['groupcast']);
  return notice.v === 1 ? notice : {};
}
