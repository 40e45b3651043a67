/**
 * A server that does one thing wrong: `faulty-server.mjs?fault=lost`. To the last subscriber, or with
 * `&to=first` to the first.
 */
import { startRaw } from '../src/servers/raw-server.mjs';

const { searchParams } = new URL(import.meta.url);
const fault = searchParams.get('fault');

/** The message with which it happens. */
const FAULTY = '00000002';

const GAP = {
  data: null,
  extensions: { groupcast: { v: 1, gap: { reason: 'queue', dropped: 1 } } },
};

export function start() {
  /** Sent after the next message. */
  let late;
  return startRaw((subscribers, message) => {
    const all = [...subscribers];
    const unlucky = searchParams.get('to') === 'first' ? 0 : all.length - 1;
    for (const [index, { socket, id }] of all.entries()) {
      const tell = (payload) =>
        socket.send(
          JSON.stringify({
            id,
            type: socket.protocol === 'graphql-ws' ? 'data' : 'next',
            payload,
          }),
        );
      const send = (onMessage) => tell({ data: { onMessage } });
      if (index !== unlucky || message.room !== 'room-0' || message.id !== FAULTY) send(message);
      else if (fault === 'none') send(message);
      else if (fault === 'repeated') [message, message].forEach(send);
      else if (fault === 'unexpected') send({ ...message, author: { name: 'Eve' } });
      else if (fault === 'gone') socket.terminate();
      else if (fault === 'reordered') late = message;
      else if (fault === 'told') tell(GAP);
      else if (fault === 'told-and-sent') {
        tell(GAP);
        send(message);
      }
      if (index === unlucky && message.room === late?.room && message !== late) {
        send(late);
        late = undefined;
      }
    }
  });
}
