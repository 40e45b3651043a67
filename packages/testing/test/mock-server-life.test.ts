import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { mockServer } from '@groupcast/testing';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';

import { dialled, MockPeer } from './support/mock-peer.ts';

const modern = 'graphql-transport-ws';

test('a server that is closed while it starts does not come back', async () => {
  const server = await mockServer();
  await server.stop();

  const starting = server.start().catch(({ message }) => message);
  await server.close();

  await starting;
  expect(await dialled(server.url)).toContain('ECONNREFUSED');
});

test('a server that is closed while it restarts does not come back', async () => {
  const server = await mockServer();

  const restarting = server.restart().catch(({ message }) => message);
  await server.close();

  expect(await restarting).toBe('This mock server is closed for good');
  expect(await dialled(server.url)).toContain('ECONNREFUSED');
});

test('starts and restarts at once are one after the other', async () => {
  await using server = await mockServer();
  const { url } = server;

  await Promise.all([server.restart(), server.restart(), server.start()]);
  await Promise.all([server.start(), server.stop()]);
  expect(await dialled(url)).toContain('ECONNREFUSED');
  await Promise.all([server.start(), server.start()]);

  expect(server.url).toBe(url);
  expect(await dialled(url)).toBe('open');
});

test('a start that fails can be tried again', async () => {
  await using server = await mockServer();
  await server.stop();
  const port = Number(new URL(server.url).port);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));

  await expect(server.start()).rejects.toThrow(`address already in use 127.0.0.1:${port}`);
  await new Promise((resolve) => other.close(resolve));
  await server.start();

  expect(await dialled(server.url)).toBe('open');
});

test('close() waits for nobody: neither half a request nor a client that is turned away', async () => {
  const server = await mockServer();
  const half = connect(Number(new URL(server.url).port), '127.0.0.1');
  half.on('error', () => {}).write('GET / HTTP/1.1\r\n');
  await once(half, 'connect');
  const stranger = new WebSocket(server.url);
  await once(stranger, 'open');
  stranger.pause();

  await server.close();

  half.resume();
  await once(half, 'close');
  stranger.terminate();
});

test('closeAll() reaches clients that have not initialised, too', async () => {
  await using server = await mockServer();
  const peer = new MockPeer(server, modern);
  await peer.opened;

  await server.closeAll(4408, 'Connection initialisation timeout');

  expect(await peer.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
});

test('a client that does not answer a close was closed with what the server said', async () => {
  await using server = await mockServer();
  const socket = new WebSocket(server.url, [modern]);
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send('{"type":"connection_init"}');
  const connection = await server.connection();
  socket.pause();

  await server.closeAll(4403, 'Forbidden');

  expect(await connection.closed).toEqual({ code: 4403, reason: 'Forbidden' });
  await connection.expectClose(4403);
  expect(server.transcript()).toContain('#1 the client does not answer the close');
  socket.terminate();
});

test('a close while a client is let in, or is being served, is the last that is heard', async () => {
  const rest: (() => void)[] = [];
  const held = () => new Promise<undefined>((resolve) => rest.push(() => resolve(undefined)));
  const server = await mockServer({ A: held }, { onConnect: ({ params }) => params && held() });
  const served = await MockPeer.connect(server, modern);
  served.send({ id: '1', type: 'subscribe', payload: { query: 'query A { a }' } });
  const entering = new MockPeer(server, modern);
  await entering.opened;
  entering.send({ type: 'connection_init', payload: {} });
  await vi.waitFor(() => expect(rest).toHaveLength(2));

  await server.close();
  for (const finish of rest) finish();

  expect((await served.closed).code).toBe(1001);
  expect((await entering.closed).code).toBe(1001);
  expect(served.messages).toEqual([{ type: 'connection_ack' }]);
  expect(entering.messages).toEqual([]);
});

test('onConnect() may say true, as the hook of the real server', async () => {
  await using server = await mockServer({}, { onConnect: async () => true });

  expect(await new MockPeer(server, modern).init()).toEqual({ type: 'connection_ack' });
});

test('an ack that no JSON can carry closes with 4500, as on the real server', async () => {
  await using server = await mockServer({}, { onConnect: () => ({ big: 1n }) });
  const peer = new MockPeer(server, modern);
  await peer.opened;

  peer.send({ type: 'connection_init' });

  expect(await peer.closed).toEqual({ code: 4500, reason: 'Internal server error' });
  expect(peer.messages).toEqual([]);
  expect(server.transcript()).toContain('BigInt');
});

test('a refusal by an HTTP status has its reason as the body', async () => {
  await using server = await mockServer();
  server.refuse(401, 'Log in first');
  const socket = new WebSocket(server.url, [modern]);

  const body = await new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      response.setEncoding('utf8').once('data', resolve);
    });
  });

  expect(body).toBe('Log in first');
  socket.on('error', () => {}).terminate();
});

test('in memory a URL may be relative, as in browsers', async () => {
  await using server = await mockServer();
  const peer = new MockPeer(server, modern, '/api/graphql?room=1');

  await peer.init();

  expect((await server.connection()).path).toBe('/api/graphql?room=1');
});

test('plain HTTP is told how to connect', async () => {
  await using server = await mockServer();

  const response = await fetch(server.url.replace('ws:', 'http:'));

  expect(response.status).toBe(426);
  expect(response.headers.get('upgrade')).toBe('websocket');
  expect(await response.text()).toContain('graphql-transport-ws, graphql-ws');
});
