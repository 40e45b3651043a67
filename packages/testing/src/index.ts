export { connect } from './connect.ts';
export { forEachProtocol, PROTOCOLS } from './for-each-protocol.ts';
export type { CloseEvent } from './link.ts';
export type { ConnectOptions, OperationOptions, TestableApp } from './options.ts';
export type { TestConnection } from './test-connection.ts';
export type { ErrorMatch, TestOperation } from './test-operation.ts';
export { UpgradeRefusedError } from './upgrade-refused-error.ts';
