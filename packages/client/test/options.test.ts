import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type ClientOptions, createClient } from '../src/index.ts';

test('a runtime without a WebSocket rejects at once and says what to give', async () => {
  vi.stubGlobal('WebSocket', undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  const client = createClient({ url: 'ws://127.0.0.1:9/graphql' });

  await expect(client.query('{ hello }')).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    retryable: false,
    message: expect.stringContaining('webSocket'),
  });
  expect(client.status.name).toBe('closed');
});

test('making a client needs no WebSocket, and no page that a url is relative to', () => {
  expect(createClient({ url: '/graphql' }).status).toEqual({ name: 'idle' });
});

/** A client with one subscription, over a timeless socket to a server that only listens. */
async function silence(options: Partial<ClientOptions>) {
  const types: string[] = [];
  const server = new WebSocketServer({ port: 0, handleProtocols: ([first]) => first ?? false });
  const pinged = new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('message', (data) => {
        const { type } = JSON.parse(String(data));
        types.push(type);
        if (type === 'connection_init') {
          socket.send('{"type":"connection_ack","payload":{"user":"ann"}}');
        }
        if (type === 'subscribe') socket.send('{"id":"1","type":"next","payload":{"data":{}}}');
        if (type === 'ping') resolve();
      });
    });
  });
  await once(server, 'listening');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}`;
  const client = createClient({ url, webSocket: WebSocket, ...options });
  const subscription = client.subscribe('subscription { a }');
  await subscription.ready;
  return { client, types, pinged };
}

test('the status of an open connection has the payload of its acknowledgement', async () => {
  const { client } = await silence({});

  expect(client.status).toEqual({ name: 'open', ack: { user: 'ann' } });
  await client.close();
});

test('keepAlive false asks for no sign of life', async () => {
  const { client, types } = await silence({ keepAlive: false });

  vi.advanceTimersByTime(3_600_000);
  expect(client.status.name).toBe('open');
  await client.close();

  expect(types).toEqual(['connection_init', 'subscribe']);
});

test('by default a server that is silent for 12 s is asked, and left 5 s later', async () => {
  const { client, pinged } = await silence({});

  vi.advanceTimersByTime(12_000);
  await pinged;
  vi.advanceTimersByTime(4_999);
  expect(client.status.name).toBe('open');
  vi.advanceTimersByTime(1);

  expect(client.status).toMatchObject({ name: 'waiting', error: { message: 'No sign of life' } });
  await client.close();
  expect(vi.getTimerCount()).toBe(0);
});
