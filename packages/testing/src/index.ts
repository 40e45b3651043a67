export { connect } from './connect.ts';
export { expectNoLeaks, type LeakingApp, type Leftovers } from './expect-no-leaks.ts';
export { forEachProtocol, PROTOCOLS } from './for-each-protocol.ts';
export {
  type AtLeast,
  type HeldBroker,
  type HeldBrokerOptions,
  heldBroker,
} from './held-broker.ts';
export type {
  BrokerAnswer,
  BrokerEmitter,
  BrokerListener,
  BrokerMessage,
} from './held-broker-emitter.ts';
export type { Held, HeldKind } from './held-broker-item.ts';
export type { CloseEvent } from './link.ts';
export type { MemoryWebSocket } from './mock-server/door.ts';
export type { MockGap } from './mock-server/extension.ts';
export type { OperationKind } from './mock-server/identify-operation.ts';
export type { MockConnection } from './mock-server/mock-connection.ts';
export type { MockHandler, MockHandlers } from './mock-server/mock-handler.ts';
export type { MockOperation } from './mock-server/mock-operation.ts';
export { type MockServer, mockServer } from './mock-server/mock-server.ts';
export type { MockServerOptions } from './mock-server/options.ts';
export type { ConnectOptions, OperationOptions, RawOptions, TestableApp } from './options.ts';
export type { TestConnection } from './test-connection.ts';
export type { DataCheck, ErrorMatch, TestOperation } from './test-operation.ts';
export { UpgradeRefusedError } from './upgrade-refused-error.ts';
