import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createClient } from '../src/index.ts';

/** A page whose visibility the test decides. */
function page(): (hidden: boolean) => void {
  const platform = new EventTarget();
  const document = { hidden: false };
  vi.stubGlobal('document', document);
  for (const method of ['addEventListener', 'removeEventListener'] as const) {
    vi.stubGlobal(method, platform[method].bind(platform));
  }
  onTestFinished(() => void vi.unstubAllGlobals());
  return (hidden) => {
    document.hidden = hidden;
    platform.dispatchEvent(new Event('visibilitychange'));
  };
}

test('a page that is hidden asks for no sign of life, one that is seen again does', async () => {
  const show = page();
  const server = new WebSocketServer({ port: 0, handleProtocols: ([first]) => first ?? false });
  const types: string[] = [];
  const isAsked = new Promise<void>((resolve) => {
    server.on('connection', (socket) =>
      socket.on('message', (data) => {
        const { type, id } = JSON.parse(`${data}`);
        types.push(type);
        if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
        if (type === 'subscribe') {
          socket.send(JSON.stringify({ id, type: 'next', payload: { data: {} } }));
        }
        if (type === 'ping') resolve();
      }),
    );
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createClient({ url: `ws://127.0.0.1:${port}`, webSocket: WebSocket });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  await client.subscribe('subscription { a }').ready;

  show(true);
  await client.query('{ a }');
  expect(types).toEqual(['connection_init', 'subscribe', 'subscribe']);
  show(false);

  await isAsked;
});
