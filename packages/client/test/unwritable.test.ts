import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type ClientOptions, createClient } from '../src/index.ts';

/** JSON that can be read, and is nested too deep to be written again. */
const DEEP = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;

/** What the first connection of a client is told before its operation; a later one is answered. */
async function oneResult(told: string, options: Partial<ClientOptions> = {}) {
  const server = new WebSocketServer({ port: 0, handleProtocols: ([first]) => first ?? false });
  let dials = 0;
  server.on('connection', (socket) => {
    dials += 1;
    const isFirst = dials === 1;
    socket.on('message', (data) => {
      const { type, id } = JSON.parse(`${data}`);
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (type === 'connection_init' && isFirst) socket.send(told);
      if (type !== 'subscribe' || isFirst) return;
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: { a: 1 } } }));
    });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createClient({
    url: `ws://127.0.0.1:${port}`,
    webSocket: WebSocket,
    retryDelayMs: () => 0,
    ...options,
  });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  const result = await client.subscribe('subscription { a }')[Symbol.asyncIterator]().next();
  return { result, dials };
}

test('a ping whose payload cannot be sent back ends its connection, and no more than that', async () => {
  const { result, dials } = await oneResult(`{"type":"ping","payload":${DEEP}}`);

  expect(result).toEqual({ done: false, value: { a: 1 } });
  expect(dials).toBe(2);
});

test('params that cannot be written as JSON fail the dial only', async () => {
  let asked = 0;
  const circular: { self?: object } = {};
  circular.self = circular;
  const params = () => {
    asked += 1;
    return asked === 1 ? Object(circular) : {};
  };

  const { result, dials } = await oneResult('', { params });

  expect(result).toEqual({ done: false, value: { a: 1 } });
  expect(dials).toBe(2);
});
