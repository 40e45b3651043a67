import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { listen } from './listen.mjs';

/** Rooms instead of groups, and no GraphQL: less work for the same deliveries. */
export async function start() {
  let count = 0;
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], serveClient: false });
  // Its documentation on memory says so.
  io.engine.on('connection', (socket) => {
    socket.request = null;
  });
  io.on('connection', (socket) => {
    socket.on('subscribe', ({ room }) => {
      socket.join(room);
      count += 1;
    });
    socket.on('hello', (answer) => answer('world'));
  });
  return {
    port: await listen(http),
    publish: (room, message) => {
      io.to(room).emit('message', message);
    },
    subscribers: () => count,
  };
}
