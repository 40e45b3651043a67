import { startRaw } from './raw-server.mjs';

/** The base of all ratios: what one writes by hand. */
export function start() {
  return startRaw((subscribers, message) => {
    for (const { socket, id } of subscribers) {
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: { onMessage: message } } }));
    }
  });
}
