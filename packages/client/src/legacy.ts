/**
 * The subprotocol `graphql-ws` of older servers, those of the npm package
 * `subscriptions-transport-ws`: `createClient({ url, protocols: [modern, legacy] })`.
 */
export { legacyClientCodec as legacy } from '@groupcast/protocol';
