import groupcast, {
  type ClientConnection,
  defineSubscription,
  type GroupcastOptions,
} from '@groupcast/fastify';
import Fastify from 'fastify';
import type { Door } from '../door.ts';
import type { Rooms } from '../rooms.ts';
import type { RunningServer, ServerParts } from '../running-server.ts';
import { createSchema, type roomFields } from '../schema.ts';
import { portOf } from './port-of.ts';

/** Starts a server of @groupcast/fastify. */
export async function startGroupcast(parts: ServerParts): Promise<RunningServer> {
  const { door, ledger, options, rooms } = parts;
  const connections = new Set<ClientConnection>();
  const app = Fastify({ logger: { level: 'silent' } });
  const settings: GroupcastOptions = {
    schema: createSchema(ledger, {
      onMessage: roomSubscription('onMessage', rooms),
      onNumber: roomSubscription('onNumber', rooms),
    }),
    // The page of a browser's test has another port than the proxy.
    allowedOrigins: '*',
    drainMs: 100,
    onConnect: (connection) => {
      connections.add(connection);
      return letIn(connection, door);
    },
    onDisconnect: (connection) => void connections.delete(connection),
    ...options,
  };
  await app.register(groupcast, settings);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: portOf(app.server),
    get connections() {
      return app.graphqlWs.stats().connections;
    },
    get operations() {
      return app.graphqlWs.stats().operations;
    },
    broadcast: async (field, room, payload) => {
      await app.broadcast(field, { group: room, payload });
    },
    closeAll: (code, reason) => {
      for (const connection of connections) connection.close(code, reason);
    },
    close: () => app.close(),
  };
}

function letIn(connection: ClientConnection, door: Door): boolean {
  const code = door.knock(connection.params);
  if (code === 4401) connection.close(code, 'Unauthorized');
  return code === undefined;
}

function roomSubscription(field: (typeof roomFields)[number], rooms: Rooms): object {
  return defineSubscription<unknown, { room: string }>({
    subscribe: (_root, { room }) => {
      // A turn later its group is joined.
      setImmediate(() => rooms.entered(field, room));
      return room;
    },
    unsubscribed: (_reason, { room }) => void setImmediate(() => rooms.left(field, room)),
  });
}
