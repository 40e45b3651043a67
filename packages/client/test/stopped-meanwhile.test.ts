import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createClient } from '../src/index.ts';

/** A client that hears all that its server says in one go, once both its subscriptions have begun. */
async function hearsAtOnce(results: readonly [id: string, payload: object][]) {
  const server = new WebSocketServer({ port: 0, handleProtocols: ([first]) => first ?? false });
  const sockets: WebSocket[] = [];
  server.on('connection', (socket) =>
    socket.on('message', (data) => {
      const { type, id } = JSON.parse(`${data}`);
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (type !== 'subscribe' || id !== '2') return;
      for (const each of sockets) each.pause();
      const frames = results.map(([to, payload]) =>
        JSON.stringify({ type: 'next', id: to, payload }),
      );
      const last = frames.pop() ?? '';
      for (const frame of frames) socket.send(frame);
      socket.send(last, () => {
        for (const each of sockets) each.resume();
      });
    }),
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createClient({
    url: `ws://127.0.0.1:${port}`,
    webSocket: class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    },
  });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  return client;
}

test('a loop over what was stopped meanwhile ends normally, whatever it was about to be given', async () => {
  const gap = { data: null, extensions: { groupcast: { v: 1, gap: { reason: 'queue' } } } };
  const client = await hearsAtOnce([
    ['1', { data: null, errors: [{ message: 'no' }] }],
    ['2', gap],
  ]);
  const stopped = client.subscribe('subscription { a }');
  const loop = async (): Promise<string> => {
    for await (const _ of stopped) return 'given';
    return 'ended';
  };
  const end = loop();
  const other = client.subscribe(
    'subscription { b }',
    {},
    { onContinuity: () => stopped.unsubscribe() },
  );
  other.subscribe({ error: () => {} });

  expect(await end).toBe('ended');
});
