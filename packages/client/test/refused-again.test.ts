import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type ClientError, createClient } from '../src/index.ts';
import { status } from './behaviour/support/staged-client.ts';

/** Ends each connection as the next of these says, and those after the last like that one. */
async function closing(...codes: readonly number[]): Promise<string> {
  const server = new WebSocketServer({ port: 0, handleProtocols: ([first]) => first ?? false });
  let dials = 0;
  server.on('connection', (socket) => {
    const code = codes[Math.min(dials, codes.length - 1)] ?? 4000;
    dials += 1;
    socket.on('message', () => (code === 1006 ? socket.terminate() : socket.close(code, 'No')));
  });
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return `ws://127.0.0.1:${port}`;
}

test.each([
  ['at once', [4401, 4403]],
  ['after a connection that was cut', [4401, 1006, 4401]],
  ['after a server that was busy', [4403, 1013, 4403]],
])('who is refused again with new params gives up: %s', async (_when, codes) => {
  const url = await closing(...codes, 1013);
  const errors: (ClientError | undefined)[] = [];
  const client = createClient({
    url,
    webSocket: WebSocket,
    retryDelayMs: () => 0,
    params: ({ error }) => {
      errors.push(error);
      return {};
    },
  });
  onTestFinished(() => client.close());
  client.subscribe('subscription { a }').subscribe({ error: () => {} });

  expect((await status(client, 'closed')).error).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(errors.map((error) => error?.closeCode)).toEqual([undefined, ...codes.slice(0, -1)]);
});
