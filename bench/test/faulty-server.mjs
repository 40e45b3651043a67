/** A server that does one thing wrong: `faulty-server.mjs?fault=lost`. */
import { startRaw } from '../src/servers/raw-server.mjs';

const fault = new URL(import.meta.url).searchParams.get('fault');

/** The message with which it happens, to the first subscriber. */
const FAULTY = '00000002';

export function start() {
  /** Sent after the next message. */
  let late;
  return startRaw((subscribers, message) => {
    for (const [index, { socket, id }] of [...subscribers].entries()) {
      const send = (onMessage) =>
        socket.send(JSON.stringify({ id, type: 'next', payload: { data: { onMessage } } }));
      if (index > 0 || message.room !== 'room-0' || message.id !== FAULTY) send(message);
      else if (fault === 'repeated') [message, message].forEach(send);
      else if (fault === 'unexpected') send({ ...message, author: { name: 'Eve' } });
      else if (fault === 'gone') socket.terminate();
      else if (fault === 'reordered') late = message;
      if (index === 0 && message.room === late?.room && message !== late) {
        send(late);
        late = undefined;
      }
    }
  });
}
