import type { FastifyInstance, RegisterOptions } from 'fastify';
import fp from 'fastify-plugin';
import { createAcceptor } from './connection/accept.ts';
import { createGraphqlWs } from './create-graphql-ws.ts';
import { RegistrationError } from './errors.ts';
import { type GroupcastOptions, resolveOptions } from './options.ts';
import { createServer, type Server } from './server.ts';
import { addWebsocketRoute } from './websocket-route.ts';

/** The HTTP servers that have the plugin: one may have it once. */
const registered = new WeakSet<object>();

async function register(
  app: FastifyInstance,
  options: GroupcastOptions & Pick<RegisterOptions, 'prefix'>,
): Promise<void> {
  const resolved = resolveOptions(options);
  // Fastify gives a prefix only to plugins that are encapsulated, which this one is not.
  const ownPath = `${options.prefix ?? ''}${resolved.path}`;
  const path = `${app.prefix}${ownPath}`;
  if (registered.has(app.server)) {
    throw new RegistrationError('this app has it already, and one serves all subscriptions');
  }
  if (app.hasRoute({ method: 'GET', url: path })) {
    throw new RegistrationError(
      `the app has a route GET ${path} already, give another with the option path`,
    );
  }
  const server = createServer(resolved, app.log);
  registered.add(app.server);
  app.decorate('graphqlWs', createGraphqlWs(server, path));
  app.decorate('broadcast', server.broadcast);
  await addWebsocketRoute(app, {
    path: ownPath,
    messageBytes: resolved.limits.messageBytes,
    allowedOrigins: resolved.allowedOrigins,
    accept: createAcceptor({
      services: server.connectionServices,
      connections: server.connections,
      echoComplete: resolved.echoComplete,
    }),
  });
  app.addHook('preClose', () => shutDown(server));
  server.orderListener.start();
}

/** Lets everybody go, in order: operations, connections, broadcasts, the broker. Bounded in time. */
async function shutDown(server: Server): Promise<void> {
  const { broker, connections, operations, options } = server;
  operations.isDraining = true;
  await connections.drain(options.drainMs, options.closeTimeoutMs);
  server.publisher.close();
  server.orderSender.close();
  server.orderListener.stop();
  operations.groups.close();
  await broker.close(options.closeTimeoutMs);
}

/**
 * The Fastify plugin: GraphQL over WebSocket, with subscriptions routed by group.
 *
 * Decorates the instance with `graphqlWs` and `broadcast`.
 *
 * @throws at registration: `GROUPCAST_ERR_OPTION_INVALID`, `GROUPCAST_ERR_OPTION_UNKNOWN`,
 *   `GROUPCAST_ERR_REGISTRATION`, `GROUPCAST_ERR_SUBSCRIPTION_MISPLACED`
 */
const groupcast: typeof register = fp(register, { fastify: '5.x', name: '@groupcast/fastify' });

export default groupcast;
