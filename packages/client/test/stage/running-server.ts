import type { JsonObject } from '@groupcast/protocol';
import type { Door } from './door.ts';
import type { Ledger } from './ledger.ts';
import type { Rooms } from './rooms.ts';

/** What outlives a restart, and is the same for every kind of server. */
export interface ServerParts {
  readonly ledger: Ledger;
  readonly rooms: Rooms;
  readonly door: Door;
  readonly options: JsonObject;
}

/** A server of some library, listening at `/graphql`. */
export interface RunningServer {
  readonly port: number;
  readonly connections: number;
  /** Operations that run; null where the library does not tell. */
  readonly operations: number | null;
  broadcast(field: string, room: string, payload: unknown): Promise<void>;
  closeAll(code: number, reason: string): void;
  /** Closes as the library does it. */
  close(): Promise<void>;
}

/** Starts a server of one library. */
export type StartServer = (parts: ServerParts) => Promise<RunningServer>;
