import { createServer } from 'node:http';
import { execute, subscribe as graphqlSubscribe } from 'graphql';
import subscriptionsTransportWs from 'subscriptions-transport-ws';
import { listen } from './listen.mjs';
import { countSubscribers, createSchema } from './schema.mjs';
import { Topics } from './topics.mjs';

export async function start() {
  const topics = new Topics();
  const { subscribers, subscribe } = countSubscribers((_root, { room }) => topics.subscribe(room));
  const http = createServer();
  subscriptionsTransportWs.SubscriptionServer.create(
    {
      schema: createSchema({ subscribe }),
      execute,
      subscribe: graphqlSubscribe,
    },
    { server: http, path: '/graphql' },
  );
  return {
    port: await listen(http),
    publish: (room, message) => topics.publish(room, { onMessage: message }),
    subscribers,
  };
}
