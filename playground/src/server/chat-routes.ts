import type { FastifyInstance } from 'fastify';
import { onMessage } from './chat-schema.ts';
import { type ChatStore, NAME_LENGTH, TEXT_LENGTH } from './chat-store.ts';

const messageBody = {
  type: 'object',
  required: ['author', 'text'],
  additionalProperties: false,
  properties: {
    author: { type: 'string', maxLength: NAME_LENGTH, pattern: '\\S' },
    text: { type: 'string', maxLength: TEXT_LENGTH, pattern: '\\S' },
  },
};

interface PostMessage {
  Params: { room: string };
  Body: { author: string; text: string };
}

/** Adds the HTTP routes: one that posts a message, and one that tells how the server is doing. */
export function addChatRoutes(app: FastifyInstance, chat: ChatStore): void {
  app.post<PostMessage>(
    '/rooms/:room/messages',
    { schema: { body: messageBody } },
    async ({ params: { room }, body }, reply) => {
      const message = chat.add({ room, ...body });
      await app.broadcast(onMessage, { group: room, payload: message });
      return reply.code(201).send(message);
    },
  );

  app.get('/stats', async () => app.graphqlWs.stats());
}
