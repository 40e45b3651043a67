import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A bare HTTP server and the sockets that it has been given. */
export interface HttpApp {
  readonly server: Server;
  readonly sockets: readonly Duplex[];
  /** Starts to listen, for tests over real sockets. */
  listen(): Promise<void>;
}

/** Creates an HTTP server, or takes one, that is closed after the test. */
export function httpApp(server: Server = createServer()): HttpApp {
  const sockets: Duplex[] = [];
  server.on('connection', (socket: Duplex) => sockets.push(socket));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  });
  return {
    server,
    sockets,
    listen: () => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)),
  };
}
