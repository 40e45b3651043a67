import type { JsonObject } from '@groupcast/protocol';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import type { WebSocket } from 'ws';
import type { RunningServer, ServerParts } from '../running-server.ts';
import { createSchema, listening } from '../schema.ts';
import { portOf } from './port-of.ts';

/** Starts a server of mercurius. It refuses in its own way: a close without a code. */
export async function startMercurius(parts: ServerParts): Promise<RunningServer> {
  const { door, ledger, options, rooms } = parts;
  const sockets = new Set<WebSocket>();
  const app = Fastify({ logger: { level: 'silent' } });
  await app.register(mercurius, {
    schema: createSchema(ledger, listening(rooms)),
    subscription: {
      fullWsTransport: true,
      // The one place where the library shows the socket; called for `connection_init`.
      context: async (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        return {};
      },
      onConnect: ({ payload }: { payload?: JsonObject }) => door.knock(payload) === undefined,
      ...options,
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: portOf(app.server),
    get connections() {
      return sockets.size;
    },
    operations: null,
    broadcast: async (field, room, payload) => rooms.publish(field, room, payload),
    closeAll: (code, reason) => {
      for (const socket of sockets) socket.close(code, reason);
    },
    close: () => app.close(),
  };
}
