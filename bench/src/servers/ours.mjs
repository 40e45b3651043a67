import groupcast, { defineSubscription } from '@groupcast/fastify';
import Fastify from 'fastify';
import { listenFastify } from './listen.mjs';
import { createSchema } from './schema.mjs';

/**
 * @param {object} [differences] - from the defaults
 * @param {object} [differences.options] - of the plugin
 * @param {object} [differences.definition] - of the subscription
 */
export async function startOurs({ options, definition } = {}) {
  const onMessage = defineSubscription({
    subscribe: (_root, args) => args.room,
    publish: (message) => message,
    ...definition,
  });
  const app = Fastify();
  await app.register(groupcast, { schema: createSchema(onMessage), ...options });
  return {
    port: await listenFastify(app),
    publish: (room, message) => app.broadcast(onMessage, { group: room, payload: message }),
    // Each is in the group of its own and in that of all of the field.
    subscribers: () => app.graphqlWs.stats().members / 2,
    stats: () => app.graphqlWs.stats(),
  };
}

/** Ours with all its defaults. */
export function start() {
  return startOurs();
}
