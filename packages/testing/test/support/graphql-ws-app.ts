import type { Server } from 'node:http';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

import { countdownSchema, rootValue } from './countdown-schema.ts';
import { type HttpApp, httpApp } from './http-app.ts';

/** An app of another make: the server of the npm package graphql-ws, by default on a bare HTTP server. */
export function graphqlWsApp(server?: Server): HttpApp {
  const app = httpApp(server);
  useServer(
    {
      schema: countdownSchema,
      roots: { query: rootValue, mutation: rootValue, subscription: rootValue },
      onConnect: ({ connectionParams }) => {
        if (connectionParams?.['token'] === 'bad') return false;
        return { hello: connectionParams?.['token'] ?? null };
      },
    },
    new WebSocketServer({ server: app.server, path: '/graphql' }),
  );
  return app;
}
