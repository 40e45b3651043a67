import { type Context, handleProtocols } from 'graphql-ws';
import { type Extra, useServer as serve } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { RunningServer, ServerParts } from '../running-server.ts';
import { createSchema, listening } from '../schema.ts';
import { listenOnHttp } from './listen-on-http.ts';

type ExtraRecord = Extra & Record<PropertyKey, unknown>;

type Connection = Context<Record<string, unknown> | undefined, ExtraRecord>;

/** Starts a server of the package graphql-ws. Its option `keepAlive` is a number of milliseconds. */
export async function startGraphqlWs(parts: ServerParts): Promise<RunningServer> {
  const { door, ledger, options, rooms } = parts;
  const { keepAlive, ...rest } = options;
  const connections = new Set<Connection>();
  const wss = new WebSocketServer({ noServer: true, handleProtocols });
  const http = await listenOnHttp(wss);
  const server = serve<Record<string, unknown>, ExtraRecord>(
    {
      schema: createSchema(ledger, listening(rooms)),
      onConnect: (connection) => {
        connections.add(connection);
        const code = door.knock(jsonOf(connection.connectionParams));
        if (code === 4401) connection.extra.socket.close(code, 'Unauthorized');
        return code === undefined;
      },
      onClose: (connection) => void connections.delete(connection),
      ...rest,
    },
    wss,
    typeof keepAlive === 'number' ? keepAlive : 0,
  );
  return {
    ...http,
    get connections() {
      return wss.clients.size;
    },
    get operations() {
      const counts = [...connections].map(({ subscriptions }) => Object.keys(subscriptions).length);
      return counts.reduce((sum, count) => sum + count, 0);
    },
    broadcast: async (field, room, payload) => rooms.publish(field, room, payload),
    close: async () => {
      await server.dispose();
      await http.close();
    },
  };
}

function jsonOf(params: unknown) {
  return JSON.parse(JSON.stringify(params ?? null));
}
