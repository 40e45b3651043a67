import { startRaw } from './raw-server.mjs';

/** Stringifies once, and sends the text with each subscriber's id. */
export function start() {
  return startRaw((subscribers, message) => {
    const payload = JSON.stringify({ data: { onMessage: message } });
    for (const { socket, id } of subscribers) {
      socket.send(`{"id":"${id}","type":"next","payload":${payload}}`);
    }
  });
}
