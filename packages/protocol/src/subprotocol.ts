/** The modern subprotocol, of the npm package `graphql-ws`. */
export const MODERN = 'graphql-transport-ws';

/** The legacy subprotocol, of the npm package `subscriptions-transport-ws`. */
export const LEGACY = 'graphql-ws';

/** A subprotocol as it is named in `Sec-WebSocket-Protocol`. */
export type Subprotocol = typeof MODERN | typeof LEGACY;

/** Both subprotocols, the preferred one first. */
export const SUBPROTOCOLS: readonly [typeof MODERN, typeof LEGACY] = [MODERN, LEGACY];

/**
 * Chooses the subprotocol of a connection: modern wherever it stands in the offer, else legacy.
 *
 * @param offered - the names in `Sec-WebSocket-Protocol`, compared exactly
 * @returns nothing when neither is offered; the connection is then closed with 4406
 */
export function negotiate(offered: Iterable<string>): Subprotocol | undefined {
  const names = new Set(offered);
  return SUBPROTOCOLS.find((subprotocol) => names.has(subprotocol));
}
