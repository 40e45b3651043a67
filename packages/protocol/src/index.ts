export { CloseCode, closeReasons, subscriberAlreadyExists } from './close-codes.ts';
export type {
  ClientCodec,
  LegacyClientCodec,
  LegacyServerCodec,
  ModernClientCodec,
  ModernServerCodec,
  NextEnvelope,
  Sent,
  ServerCodec,
} from './codec.ts';
export { clientCodecFor, serverCodecFor } from './codec-for.ts';
export { cutReason } from './cut-reason.ts';
export { legacyClientCodec } from './legacy-client-codec.ts';
export { legacyServerCodec } from './legacy-server-codec.ts';
export type {
  ClientCompleteMessage,
  ClientMessage,
  CompleteMessage,
  ConnectionAckMessage,
  ConnectionErrorMessage,
  ConnectionInitMessage,
  ConnectionTerminateMessage,
  ErrorMessage,
  FormattedError,
  JsonObject,
  KeepAliveMessage,
  LegacyClientMessage,
  LegacyServerMessage,
  ModernClientMessage,
  ModernServerMessage,
  NextMessage,
  OperationPayload,
  ParsedDocument,
  PingMessage,
  PongMessage,
  ResultPayload,
  ServerMessage,
  SubscribeMessage,
  WireId,
} from './messages.ts';
export { modernClientCodec } from './modern-client-codec.ts';
export { modernServerCodec } from './modern-server-codec.ts';
export { LEGACY, MODERN, negotiate, SUBPROTOCOLS, type Subprotocol } from './subprotocol.ts';
export type { Violation } from './violation.ts';
