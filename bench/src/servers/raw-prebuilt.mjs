import { WebSocket } from 'ws';
import { startRaw } from './raw-server.mjs';

const UUID_LENGTH = 36;
const NO_ID = 'x'.repeat(UUID_LENGTH);

/** One frame per message; for each subscriber it is copied, and the id's bytes are put in. */
export function start() {
  return startRaw((subscribers, message) => {
    const text = JSON.stringify({
      id: NO_ID,
      type: 'next',
      payload: { data: { onMessage: message } },
    });
    const frame = createFrame(Buffer.from(text));
    const idAt = frame.indexOf(NO_ID);
    for (const { socket, id } of subscribers) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      const own = Buffer.allocUnsafe(frame.length);
      frame.copy(own);
      own.latin1Write(id, idAt, UUID_LENGTH);
      // Not public: the bound of what can be had, not a way to write apps.
      socket._socket.write(own);
    }
  });
}

function createFrame(payload) {
  const head = Buffer.alloc(payload.length < 126 ? 2 : 4);
  head[0] = 0x81;
  if (payload.length < 126) {
    head[1] = payload.length;
  } else {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([head, payload]);
}
