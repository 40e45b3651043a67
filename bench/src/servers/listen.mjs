import { once } from 'node:events';

/**
 * Listens on a free port.
 *
 * @param {import('node:net').Server} server
 */
export async function listen(server) {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 2_000 });
  await once(server, 'listening');
  return server.address().port;
}

/**
 * @param {import('fastify').FastifyInstance} app
 */
export async function listenFastify(app) {
  await app.listen({ port: 0, host: '127.0.0.1', backlog: 2_000 });
  return app.server.address().port;
}
