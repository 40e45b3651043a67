/** The modern subprotocol, of the npm package `graphql-ws`. */
export const MODERN = 'graphql-transport-ws';

/** The legacy subprotocol, of the npm package `subscriptions-transport-ws`. */
export const LEGACY = 'graphql-ws';

/** A subprotocol as it is named in `Sec-WebSocket-Protocol`. */
export type Subprotocol = typeof MODERN | typeof LEGACY;
