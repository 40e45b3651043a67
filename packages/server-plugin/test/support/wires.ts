import { LEGACY, MODERN, type Subprotocol } from '@groupcast/protocol';
import type { ConnectOptions } from '@groupcast/testing';
import { describe } from 'vitest';

/** One way to talk to a server: a subprotocol, in memory or over a real socket. */
export interface Wire {
  readonly protocol: Subprotocol;
  readonly transport: NonNullable<ConnectOptions['transport']>;
}

const transports = ['memory', 'socket'] as const;

/** Runs a suite in memory and over a socket, in the subprotocols that it is about. */
function describeWires(
  protocols: readonly Subprotocol[],
  name: string,
  suite: (wire: Wire) => void,
): void {
  for (const protocol of protocols) {
    for (const transport of transports) {
      describe(`${name} (${protocol}, ${transport})`, () => suite({ protocol, transport }));
    }
  }
}

/** Runs a suite for `graphql-transport-ws`, in memory and over a socket. */
export function describeModern(name: string, suite: (wire: Wire) => void): void {
  describeWires([MODERN], name, suite);
}

/** Runs a suite for `graphql-ws`, in memory and over a socket. */
export function describeLegacy(name: string, suite: (wire: Wire) => void): void {
  describeWires([LEGACY], name, suite);
}

/** Runs a suite for both subprotocols, in memory and over a socket. */
export function describeBoth(name: string, suite: (wire: Wire) => void): void {
  describeWires([MODERN, LEGACY], name, suite);
}
