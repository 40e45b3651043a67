import Fastify from 'fastify';
import mercurius from 'mercurius';
import { listenFastify } from './listen.mjs';
import { countSubscribers, createResolvers, typeDefs } from './schema.mjs';

/** @param {object} [options] - of mercurius */
export async function startMercurius(options = {}) {
  const { subscribers, subscribe } = countSubscribers((_root, { room }, { pubsub }) =>
    pubsub.subscribe(room),
  );
  const app = Fastify();
  await app.register(mercurius, {
    schema: typeDefs,
    resolvers: createResolvers({ subscribe }),
    subscription: { fullWsTransport: true },
    ...options,
  });
  return {
    port: await listenFastify(app),
    publish: (room, message) =>
      new Promise((resolve) => {
        app.graphql.pubsub.publish({ topic: room, payload: { onMessage: message } }, resolve);
      }),
    subscribers,
  };
}

export function start() {
  return startMercurius();
}
