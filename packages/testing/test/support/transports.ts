import { type ConnectOptions, connect, type TestConnection } from '@groupcast/testing';
import { describe } from 'vitest';

import type { HttpApp } from './http-app.ts';

/** Connects a client over the transport of the suite. */
export type Connector = (app: HttpApp, options?: ConnectOptions) => Promise<TestConnection>;

/** Runs a suite in memory and over a socket, which must not differ. */
export function describeTransports(name: string, suite: (connectTo: Connector) => void): void {
  for (const transport of ['memory', 'socket'] as const) {
    describe(`${name} (${transport})`, () => {
      suite(async (app, options) => {
        if (transport === 'socket' && !app.server.listening) await app.listen();
        return connect(app, { ...options, transport });
      });
    });
  }
}
