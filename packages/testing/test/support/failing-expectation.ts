import { createServer } from 'node:http';
import { connect } from '@groupcast/testing';
import { WebSocketServer } from 'ws';

/** Fails, as a test would: the server answers `{ a }` with 1 where 2 is expected. */
export async function failingExpectation(): Promise<void> {
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (webSocket) => {
    webSocket.on('message', (data) => {
      const { type, id } = JSON.parse(data.toString());
      if (type === 'connection_init') webSocket.send('{"type":"connection_ack"}');
      else webSocket.send(JSON.stringify({ id, type: 'next', payload: { data: { a: 1 } } }));
    });
  });
  await using alice = await connect(server);
  await alice.start('{ a }').expectNext({ a: 2 });
}
