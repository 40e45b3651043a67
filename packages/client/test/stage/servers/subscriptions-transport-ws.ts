import { execute, subscribe } from 'graphql';
import { SubscriptionServer } from 'subscriptions-transport-ws';
import { WebSocketServer } from 'ws';
import type { RunningServer, ServerParts } from '../running-server.ts';
import { createSchema, listening } from '../schema.ts';
import { listenOnHttp } from './listen-on-http.ts';

/** Starts a server of the package subscriptions-transport-ws. It refuses in its own way: 1011. */
export async function startSubscriptionsTransportWs(parts: ServerParts): Promise<RunningServer> {
  const { door, ledger, options, rooms } = parts;
  const wss = new WebSocketServer({
    noServer: true,
    // By itself `ws` takes the first that is offered, and the library then leaves.
    handleProtocols: (protocols) => protocols.has('graphql-ws') && 'graphql-ws',
  });
  const http = await listenOnHttp(wss);
  const server = SubscriptionServer.create(
    {
      schema: createSchema(ledger, listening(rooms)),
      execute,
      subscribe,
      onConnect: (params: never) => door.knock(params) === undefined,
      ...options,
    },
    wss,
  );
  return {
    ...http,
    get connections() {
      return wss.clients.size;
    },
    operations: null,
    broadcast: async (field, room, payload) => rooms.publish(field, room, payload),
    close: async () => {
      server.close();
      // It lets nobody go by itself.
      http.closeAll(1001, 'Going away');
      await http.close();
    },
  };
}
