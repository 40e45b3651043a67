import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import groupcast, { type ClientConnection } from '@groupcast/fastify';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { ChatError } from './chat-error.ts';
import { addChatRoutes } from './chat-routes.ts';
import { type ChatContext, createChatSchema } from './chat-schema.ts';
import { ChatStore, NAME_LENGTH } from './chat-store.ts';

declare module '@groupcast/fastify' {
  interface AppTypes {
    /** Who is at the other end. */
    connectionState: { readonly name: string };
  }
}

/** How the playground is made. */
export interface PlaygroundOptions {
  /** As Fastify takes it. @default false */
  readonly logger?: NonNullable<FastifyServerOptions['logger']>;
  /** Milliseconds between two numbers of `countdown`. @default 1_000 */
  readonly countdownIntervalMs?: number;
}

// The same two steps up from `src/server` and from `dist/server`.
const publicFolder = fileURLToPath(new URL('../../public', import.meta.url));

/** Makes the playground, a chat: GraphQL over WebSocket, two HTTP routes and a page. It does not listen yet. */
export async function createPlayground({
  logger = false,
  countdownIntervalMs = 1_000,
}: PlaygroundOptions = {}): Promise<FastifyInstance> {
  // Browsers open connections in advance; one that sent nothing yet would hold up the close.
  const app = fastify({ logger, forceCloseConnections: true });
  const chat = new ChatStore(['kittens', 'puppies', 'otters']);

  await app.register(groupcast, {
    schema: createChatSchema({ countdownIntervalMs }),
    onConnect: (connection) => {
      const name = readName(connection);
      return { state: { name }, tags: [name] };
    },
    context: ({ connection, operation }): ChatContext => ({
      name: connection.state.name,
      chat,
      broadcast: app.broadcast,
      signal: operation.signal,
    }),
  });
  addChatRoutes(app, chat);
  await app.register(fastifyStatic, { root: publicFolder });
  return app;
}

/** The name in the payload of `connection_init`; the message of a throw tells the client what is wrong. */
function readName({ params }: ClientConnection): string {
  const name = typeof params['name'] === 'string' ? params['name'].trim() : '';
  if (name !== '' && name.length <= NAME_LENGTH) return name;
  throw new ChatError(`Give a name of 1 to ${NAME_LENGTH} characters in connection_init`, 400);
}
