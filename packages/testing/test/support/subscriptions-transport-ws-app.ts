import { execute, subscribe } from 'graphql';
import { SubscriptionServer } from 'subscriptions-transport-ws';
import { WebSocketServer } from 'ws';

import { countdownSchema, rootValue } from './countdown-schema.ts';
import { type HttpApp, httpApp } from './http-app.ts';

/** An app of the old server, which takes the legacy subprotocol. */
export function subscriptionsTransportWsApp(): HttpApp {
  const app = httpApp();
  const webSocketServer = new WebSocketServer({
    server: app.server,
    path: '/graphql',
    // By itself `ws` takes the first that is offered, and the library then leaves.
    handleProtocols: (protocols) => protocols.has('graphql-ws') && 'graphql-ws',
  });
  SubscriptionServer.create(
    { schema: countdownSchema, rootValue, execute, subscribe },
    webSocketServer,
  );
  return app;
}
