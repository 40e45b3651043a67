/** What the hand-written servers have in common: as much of the subprotocols as clients need. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { QUERY } from '../documents.mjs';
import { listen } from './listen.mjs';

/**
 * @typedef {{ socket: import('ws').WebSocket, id: string }} Subscriber
 *
 * @param {(subscribers: Iterable<Subscriber>, message: object) => void} fanOut
 */
export async function startRaw(fanOut) {
  /** @type {Map<string, Set<Subscriber>>} */
  const rooms = new Map();
  let count = 0;

  function subscribe(socket, id, room) {
    const subscribers = rooms.get(room) ?? new Set();
    rooms.set(room, subscribers);
    const subscriber = { socket, id };
    subscribers.add(subscriber);
    socket.on('close', () => subscribers.delete(subscriber));
    count += 1;
  }

  function receive(socket, data) {
    const { type, id, payload } = JSON.parse(data);
    if (type === 'connection_init') {
      socket.send('{"type":"connection_ack"}');
    } else if (payload.query === QUERY) {
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: { hello: 'world' } } }));
      socket.send(JSON.stringify({ id, type: 'complete' }));
    } else {
      subscribe(socket, id, payload.variables.room);
    }
  }

  const http = createServer();
  const sockets = new WebSocketServer({
    server: http,
    path: '/graphql',
    handleProtocols: ([offered]) => offered,
  });
  sockets.on('connection', (socket) => socket.on('message', (data) => receive(socket, data)));
  return {
    port: await listen(http),
    publish: (room, message) => fanOut(rooms.get(room) ?? [], message),
    subscribers: () => count,
  };
}
