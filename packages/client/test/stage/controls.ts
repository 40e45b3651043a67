import type { JsonObject } from '@groupcast/protocol';
import type { Fault } from './fault.ts';

/** Whose server it is. */
export type ServerKind = 'groupcast' | 'graphql-ws' | 'subscriptions-transport-ws' | 'mercurius';

/** What a server is started with. */
export interface StartOptions {
  readonly server: ServerKind;
  /** Options of the server's library that can be said in JSON: `keepAlive`, `limits` and so on. */
  readonly options?: JsonObject;
}

/** How the server refuses connections. */
export interface Refusal {
  /** Closes with it, where the library lets one choose. @default 4403 */
  readonly code?: 4401 | 4403;
  /** Whether the connection after the next is accepted again. @default false */
  readonly once?: boolean;
}

/** What a test can do to one server, and ask of it. */
export interface ServerControls {
  /** Sends a payload to a room's subscribers of a field; resolves when it was handed over. */
  broadcast(field: string, room: string, payload: unknown): Promise<void>;
  /** How often a field with this key has run: `increment`, `slowIncrement`, `slow`. */
  executions(key: string): Promise<number>;
  awaitExecutions(key: string, count: number): Promise<void>;
  /** Lets the slow fields with this key answer: those that wait, and all later ones. */
  release(key: string): Promise<void>;
  /** The payloads of all `connection_init` messages so far, null where there was none. */
  params(): Promise<readonly (JsonObject | null)[]>;
  /** Sockets that the server has open. */
  connections(): Promise<number>;
  awaitConnections(count: number): Promise<void>;
  /** Operations that run now; null where the server cannot tell. */
  operations(): Promise<number | null>;
  awaitOperations(count: number): Promise<void>;
  /** When somebody connected to the proxy, in milliseconds since the epoch; refused ones too. */
  dials(): Promise<readonly number[]>;
  awaitDials(count: number): Promise<void>;
  /** Who hears a room now, as the server sees it. */
  subscribers(field: string, room: string): Promise<number>;
  awaitSubscribers(field: string, room: string, count: number): Promise<void>;
  /** Refuses connections from now on. Those that are open stay. */
  refuse(refusal?: Refusal): Promise<void>;
  /** Accepts connections again. */
  accept(): Promise<void>;
  /** Closes all connections with 4403, as when tokens have expired. */
  expire(): Promise<void>;
  closeAll(code: number, reason: string): Promise<void>;
  /** Closes the server gracefully, as its library does it. The proxy goes on, and dials in vain. */
  stop(): Promise<void>;
  /** Stops the server if it runs, and starts a new one behind the same proxy. */
  restart(): Promise<void>;
  /** Puts a fault on the line, in place of the one before. */
  fault(fault: Fault): Promise<void>;
  /** Takes the fault off the line. */
  mend(): Promise<void>;
  /** Ends server and proxy. It may be called again. */
  end(): Promise<void>;
}

/** The names of {@link ServerControls}. */
export const controlNames = [
  'broadcast',
  'executions',
  'awaitExecutions',
  'release',
  'params',
  'connections',
  'awaitConnections',
  'operations',
  'awaitOperations',
  'dials',
  'awaitDials',
  'subscribers',
  'awaitSubscribers',
  'refuse',
  'accept',
  'expire',
  'closeAll',
  'stop',
  'restart',
  'fault',
  'mend',
  'end',
] as const satisfies readonly (keyof ServerControls)[];

/** What the control server takes. */
export type ControlRequest =
  | { readonly start: StartOptions }
  | {
      readonly id: string;
      readonly control: keyof ServerControls;
      readonly args: readonly unknown[];
    };

/** What a started server is known by. */
export interface Started {
  readonly id: string;
  /** Where clients connect: through the proxy. */
  readonly url: string;
}

/** What the control server answers. */
export type ControlAnswer = { readonly result: unknown } | { readonly error: string };
