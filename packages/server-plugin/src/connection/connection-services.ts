import type { OperationServices } from '../operation/operation-services.ts';
import type { ConnectionHooks } from './connection-hooks.ts';
import type { Deadlines } from './deadlines.ts';
import type { Flusher } from './flusher.ts';
import type { KeepAlive } from './keep-alive.ts';

/** The settings of connections, all of them given. */
export interface ConnectionSettings {
  /** 0 waits for ever. */
  readonly connectionInitTimeoutMs: number;
  readonly closeTimeoutMs: number;
  /** The most bytes of one message. */
  readonly messageBytes: number;
  /** The most bytes that may wait for one client. */
  readonly bufferedBytes: number;
  readonly operationsPerConnection: number;
  /** Whether legacy clients get `ka` messages. */
  readonly sendsKa: boolean;
}

/** What the connections of a plugin share. */
export interface ConnectionServices {
  readonly settings: ConnectionSettings;
  readonly hooks: ConnectionHooks;
  readonly operations: OperationServices;
  readonly deadlines: Deadlines;
  readonly flusher: Flusher;
  /** Absent when keep-alive is off. */
  readonly keepAlive: KeepAlive | undefined;
}
