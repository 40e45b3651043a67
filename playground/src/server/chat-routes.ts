import process from 'node:process';
import type { FastifyInstance } from 'fastify';
import { type Chat, NAME_LENGTH, TEXT_LENGTH } from './chat.ts';
import { onMessage } from './chat-schema.ts';

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

/** Adds the HTTP routes: one that posts a message, and one that tells how the process is doing. */
export function addChatRoutes(app: FastifyInstance, chat: Chat): void {
  app.post<PostMessage>(
    '/rooms/:room/messages',
    { schema: { body: messageBody } },
    async ({ params: { room }, body }, reply) => {
      const message = await chat.add({ room, ...body });
      await app.broadcast(onMessage, { group: room, payload: message });
      return reply.code(201).send(message);
    },
  );

  app.get('/stats', async () => ({
    pid: process.pid,
    health: app.graphqlWs.health.status,
    ...app.graphqlWs.stats(),
  }));
}
