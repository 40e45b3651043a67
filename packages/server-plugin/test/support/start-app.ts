import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { type GroupcastOptions } from '@groupcast/fastify';
import { type ConnectOptions, connect, type TestConnection } from '@groupcast/testing';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { onTestFinished } from 'vitest';
import { type LogLine, recordingLogger } from './recording-logger.ts';
import type { Wire } from './wires.ts';

type SchemaParts = Parameters<typeof makeExecutableSchema>[0];

/** A running app, and how a test talks to it. */
export interface StartedApp {
  readonly app: FastifyInstance;
  /** What the app logged so far, oldest first. */
  readonly log: readonly LogLine[];
  /** Connects a client over the wire of the test; closed after it. */
  connect(options?: ConnectOptions): Promise<TestConnection>;
}

/** What {@link startApp} takes beside the plugin's options. */
export interface StartOptions extends Partial<GroupcastOptions> {
  readonly typeDefs?: SchemaParts['typeDefs'];
  readonly resolvers?: SchemaParts['resolvers'];
  /** Options of Fastify itself. */
  readonly server?: Pick<FastifyServerOptions, 'trustProxy'>;
  /** Changes the app before the plugin is registered. */
  readonly before?: (app: FastifyInstance) => unknown;
  /** Changes the app after the plugin is registered, before it is ready. */
  readonly after?: (app: FastifyInstance) => unknown;
}

/** Starts an app with the plugin on it; everything is closed after the test. */
export async function startApp(
  wire: Wire,
  { typeDefs, resolvers, server, before, after, ...options }: StartOptions,
): Promise<StartedApp> {
  const { logger, lines } = recordingLogger();
  const app = Fastify({ ...server, loggerInstance: logger });
  const connections: TestConnection[] = [];
  onTestFinished(async () => {
    for (const connection of connections) connection.terminate();
    await app.close();
  });
  await before?.(app);
  const schema =
    options.schema ??
    makeExecutableSchema({ typeDefs: typeDefs ?? [], resolvers: resolvers ?? {} });
  await app.register(groupcast, { drainMs: 0, ...options, schema });
  await after?.(app);
  if (wire.transport === 'socket') await app.listen({ host: '127.0.0.1', port: 0 });
  else await app.ready();
  return {
    app,
    log: lines,
    connect: async (connectOptions = {}) => {
      const connection = await connect(app, {
        protocol: wire.protocol,
        transport: wire.transport,
        ...connectOptions,
      });
      connections.push(connection);
      return connection;
    },
  };
}
