import './fastify-types.ts';

// What apps use.
export type { Broadcast, BroadcastOptions, SubscriptionReference } from './broadcast.ts';
export type { BrokerHealth, BrokerLog, Published } from './broker/broker.ts';
export type { Emitter } from './broker/mqemitter-broker.ts';
export type { AllowedOrigins } from './connection/allowed-origin.ts';
export type {
  AppTypes,
  ClientConnection,
  ConnectionStateOfApp,
} from './connection/client-connection.ts';
export type { ConnectionHooks, ConnectResult } from './connection/connection-hooks.ts';
export {
  type Broadcaster,
  type BroadcasterOptions,
  createBroadcaster,
} from './create-broadcaster.ts';
export type { Middleware } from './delivery/apply-middleware.ts';
export type { SharingExplanation } from './delivery/explain-sharing.ts';
export type {
  BroadcastMessage,
  ConnectionCloseMessage,
  ConnectionOpenMessage,
  DeliveryMessage,
  DiagnosticsMessages,
  HealthMessage,
} from './diagnostics.ts';
export type { DisconnectOptions, GraphqlWs, Stats, UnsubscribeOptions } from './graphql-ws.ts';
export type { OperationLog } from './operation/operation-client.ts';
export type { OperationInfo, OperationOverride } from './operation/operation-info.ts';
export type { GroupcastOptions, KeepAliveOptions, LimitOptions } from './options.ts';
export { default } from './plugin.ts';
export { defineSubscription } from './subscription/define-subscription.ts';
export type { GroupSource } from './subscription/group-source.ts';
export { SKIP } from './subscription/skip.ts';
export type {
  EndReason,
  GroupNames,
  ShareBy,
  ShareKey,
  Subscription,
  SubscriptionDefinition,
  SubscriptionOptions,
} from './subscription/subscription-definition.ts';
