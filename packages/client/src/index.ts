export type { ClientCodec, FormattedError, JsonObject } from '@groupcast/protocol';
export { modernClientCodec as modern } from '@groupcast/protocol';
export type { Client, Observer, Result, Stream, Subscription, Untyped } from './client.ts';
export type { Continuity, GapReason } from './continuity.ts';
export { createClient } from './create-client.ts';
export type { ApiType, Document, DocumentNode, EnsureType, Print, Rest } from './document.ts';
export {
  ClientError,
  type ClientErrorCode,
  type ClientErrorOptions,
  GraphQLResponseError,
} from './errors.ts';
export type {
  ClientOptions,
  DialReason,
  KeepAliveOptions,
  Params,
  RequestOptions,
  SubscribeOptions,
} from './options.ts';
export type { ClientStatus, Retry } from './status.ts';
export type { WebSocketConstructor, WebSocketLike } from './web-socket.ts';
