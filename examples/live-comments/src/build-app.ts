import groupcast, { type Emitter } from '@groupcast/fastify';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { CommentStore } from './comment-store.ts';
import { findPerson, type Person } from './people.ts';
import { type AppContext, addComment, schema } from './schema.ts';

declare module '@groupcast/fastify' {
  interface AppTypes {
    connectionState: { readonly person: Person };
  }
}

/** What differs between production, development and tests. */
export interface AppOptions {
  readonly comments?: CommentStore;
  /** What connects several processes: an MQEmitter. @default none */
  readonly emitter?: Emitter;
  /** As Fastify takes it. @default false */
  readonly logger?: NonNullable<FastifyServerOptions['logger']>;
}

const commentBody = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string', minLength: 1, maxLength: 2_000 } },
};

/** Makes the app; it does not listen yet. */
export async function buildApp({
  comments = new CommentStore(),
  emitter,
  logger = false,
}: AppOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({ logger });
  const contextOf = (person: Person): AppContext => ({
    person,
    comments,
    broadcast: app.broadcast,
  });

  await app.register(groupcast, {
    schema,
    ...(emitter && { emitter }),
    onConnect: ({ params }) => {
      const person = findPerson(params['token']);
      return { state: { person }, ack: { name: person.name } };
    },
    context: ({ connection }) => contextOf(connection.state.person),
  });

  app.post<{ Params: { article: string }; Body: { text: string } }>(
    '/articles/:article/comments',
    { schema: { body: commentBody } },
    async ({ headers, params, body }, reply) => {
      const person = findPerson(headers.authorization?.replace(/^Bearer /, ''));
      const { id } = await addComment(contextOf(person), { ...params, ...body });
      return reply.code(201).send({ id });
    },
  );
  return app;
}
