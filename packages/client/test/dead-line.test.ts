import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createClient } from '../src/index.ts';
import { status } from './behaviour/support/staged-client.ts';

test('a line that gives no sign of life is cut, since nobody would answer its close', async () => {
  const server = new WebSocketServer({ port: 0, handleProtocols: ([first]) => first ?? false });
  server.on('connection', (socket) => {
    socket.once('message', () => socket.send('{"type":"connection_ack"}'));
  });
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const cut: string[] = [];
  class CountedWebSocket extends WebSocket {
    override terminate(): void {
      cut.push(client.status.name);
      super.terminate();
    }
  }
  const client = createClient({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    webSocket: CountedWebSocket,
    keepAlive: { intervalMs: 5, timeoutMs: 5 },
    retryDelayMs: () => 60_000,
  });
  onTestFinished(() => client.close());
  client.subscribe('subscription { a }').subscribe({ error() {} });

  const { error } = await status(client, 'waiting');

  expect(error.message).toBe('No sign of life');
  expect(cut).toEqual(['open']);
});
