import groupcast, { defineSubscription } from '@groupcast/fastify';
import Fastify from 'fastify';
import { listenFastify } from './listen.mjs';
import { createSchema } from './schema.mjs';

/** Ours with all its defaults. */
export async function start() {
  const onMessage = defineSubscription({
    subscribe: (_root, args) => args.room,
    publish: (message) => message,
  });
  const app = Fastify();
  await app.register(groupcast, { schema: createSchema(onMessage) });
  return {
    port: await listenFastify(app),
    publish: (room, message) => app.broadcast(onMessage, { group: room, payload: message }),
    // Each is in the group of its own and in that of all of the field.
    subscribers: () => app.graphqlWs.stats().members / 2,
  };
}
