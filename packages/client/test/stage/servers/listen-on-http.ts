import { once } from 'node:events';
import { createServer } from 'node:http';
import type { WebSocketServer } from 'ws';
import type { RunningServer } from '../running-server.ts';
import { portOf } from './port-of.ts';

/** What {@link listenOnHttp} knows of a running server. */
export type HttpPart = Pick<RunningServer, 'port' | 'closeAll' | 'close'>;

/** Gives the upgrades of a plain HTTP server to a WebSocket server. */
export async function listenOnHttp(wss: WebSocketServer): Promise<HttpPart> {
  const http = createServer();
  http.on('upgrade', (request, socket, head) => {
    wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client, request));
  });
  http.listen({ host: '127.0.0.1', port: 0 });
  await once(http, 'listening');
  return {
    port: portOf(http),
    closeAll: (code, reason) => {
      for (const client of wss.clients) client.close(code, reason);
    },
    close: async () => {
      http.close();
      await once(http, 'close');
    },
  };
}
