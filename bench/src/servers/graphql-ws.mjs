import { createServer } from 'node:http';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { listen } from './listen.mjs';
import { countSubscribers, createSchema } from './schema.mjs';
import { Topics } from './topics.mjs';

export async function start() {
  const topics = new Topics();
  const { subscribers, subscribe } = countSubscribers((_root, { room }) => topics.subscribe(room));
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, path: '/graphql' });
  useServer({ schema: createSchema({ subscribe }) }, sockets);
  return {
    port: await listen(http),
    publish: (room, message) => topics.publish(room, { onMessage: message }),
    subscribers,
  };
}
