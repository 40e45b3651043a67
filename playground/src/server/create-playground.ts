import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import groupcast, { type ClientConnection, type Emitter } from '@groupcast/fastify';
import { redisEmitter } from '@groupcast/fastify/redis';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { Chat, NAME_LENGTH } from './chat.ts';
import { ChatError } from './chat-error.ts';
import { addChatRoutes } from './chat-routes.ts';
import { type ChatContext, createChatSchema, onPresence } from './chat-schema.ts';
import type { ChatStore } from './chat-store.ts';
import { createStore } from './create-store.ts';
import { Live, type LiveOptions } from './live/live.ts';
import { addMetricsRoute } from './live/metrics.ts';
import { Presence } from './presence.ts';

declare module '@groupcast/fastify' {
  interface AppTypes {
    connectionState: {
      /** Who is at the other end. */
      readonly name: string;
      /** Cuts the line, without a word. */
      readonly cut: () => void;
    };
  }
}

/** How the playground is made. */
export interface PlaygroundOptions {
  /** As Fastify takes it. @default false */
  readonly logger?: NonNullable<FastifyServerOptions['logger']>;
  /** Milliseconds between two numbers of `countdown`. @default 1_000 */
  readonly countdownIntervalMs?: number;
  /** Where the Redis is that other processes are on too. @default none: all is in memory */
  readonly redisUrl?: string | undefined;
  /** Where the messages are, when they are to outlive the app. @default one that is closed with it */
  readonly store?: ChatStore;
  /** Called by a page that wants the server to restart. @default none: that is refused */
  readonly restart?: (() => void) | undefined;
  /** How the live figures are made. */
  readonly live?: Omit<LiveOptions, 'hasOthers'>;
}

// The same two steps up from `src/server` and from `dist/server`.
const publicFolder = fileURLToPath(new URL('../../dist/public', import.meta.url));

/** Makes the playground, a chat: GraphQL over WebSocket, two HTTP routes and a page. It does not listen yet. */
export async function createPlayground({
  logger = false,
  countdownIntervalMs = 1_000,
  redisUrl,
  store: givenStore,
  restart,
  live: liveOptions,
}: PlaygroundOptions = {}): Promise<FastifyInstance> {
  // Browsers open connections in advance; one that sent nothing yet would hold up the close.
  const app = fastify({ logger, forceCloseConnections: true });
  const store = givenStore ?? createOwnStore(app, redisUrl);
  const chat = new Chat(['kittens', 'puppies', 'otters'], store);
  const presence = new Presence(store, (room, names) =>
    app.broadcast(onPresence, { group: room, payload: names }),
  );
  app.addHook('onClose', async () => presence.close());

  const live = new Live(app, { ...liveOptions, hasOthers: redisUrl !== undefined });

  await app.register(groupcast, {
    ...(redisUrl !== undefined && { emitter: createEmitter(app, redisUrl) }),
    schema: createChatSchema({ countdownIntervalMs }),
    onConnect: (connection, request) => {
      const name = readName(connection);
      // Only the socket: the request need not be kept as long as the connection.
      const { socket } = request.raw;
      return { state: { name, cut: () => socket.destroy() }, tags: [name] };
    },
    context: ({ connection, operation }): ChatContext => ({
      ...connection.state,
      chat,
      presence,
      live,
      broadcast: app.broadcast,
      operationId: randomUUID(),
      signal: operation.signal,
      restart,
    }),
  });
  addChatRoutes(app, chat);
  addMetricsRoute(app);
  await app.register(fastifyStatic, { root: publicFolder });
  return app;
}

/** Closed with the app, after the plugin's `preClose`: those who leave are still noted. */
function createOwnStore(app: FastifyInstance, redisUrl: string | undefined): ChatStore {
  const store = createStore(redisUrl);
  app.addHook('onClose', async () => store.close());
  return store;
}

/** An emitter that the app gave is the app's to close: after the plugin, which still needs it. */
function createEmitter(app: FastifyInstance, url: string): Emitter {
  const emitter = redisEmitter({ url });
  app.addHook('onClose', (_app, done) => emitter.close(done));
  return emitter;
}

/** The name in the payload of `connection_init`; the message of a throw tells the client what is wrong. */
function readName({ params }: ClientConnection): string {
  const name = typeof params['name'] === 'string' ? params['name'].trim() : '';
  if (name !== '' && name.length <= NAME_LENGTH) return name;
  throw new ChatError(`Give a name of 1 to ${NAME_LENGTH} characters in connection_init`, 400);
}
