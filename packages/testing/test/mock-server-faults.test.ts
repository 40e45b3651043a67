import { createServer } from 'node:http';
import { forEachProtocol, mockServer } from '@groupcast/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';

import { dialled, MockPeer, words } from './support/mock-peer.ts';

afterEach(() => {
  vi.useRealTimers();
});

const SUBSCRIBE = { id: '1', type: 'subscribe', payload: { query: 'subscription { onText }' } };
const modern = 'graphql-transport-ws';

forEachProtocol((protocol) => {
  const { start, data } = words[protocol];

  describe(protocol, () => {
    test('closeAll() closes each connection with a code and a reason, and ends what runs', async () => {
      await using server = await mockServer();
      const alice = await MockPeer.connect(server, protocol);
      const bob = await MockPeer.connect(server, protocol);
      alice.send({ id: '1', type: start, payload: { query: 'subscription { onText }' } });
      const operation = await server.operation('onText');

      await server.closeAll(1012, 'restart');

      expect(await alice.closed).toEqual({ code: 1012, reason: 'restart' });
      expect(await bob.closed).toEqual({ code: 1012, reason: 'restart' });
      expect(server.connections).toEqual([]);
      expect(operation.isRunning).toBe(false);
    });

    test('what was sent before a close still arrives, however late it was', async () => {
      await using server = await mockServer();
      const peer = await MockPeer.connect(server, protocol);
      peer.send({ id: '1', type: start, payload: { query: 'subscription { onText }' } });
      const operation = await server.operation('onText');
      server.delay(60_000);

      operation.next({ onText: 'a' });
      await server.closeAll(4500);

      expect(await peer.next()).toMatchObject({ type: data, payload: { data: { onText: 'a' } } });
      expect((await peer.closed).code).toBe(4500);
    });
  });
});

test('one connection can be closed alone', async () => {
  await using server = await mockServer();
  const alice = await MockPeer.connect(server, modern, { name: 'alice' });
  await MockPeer.connect(server, modern, { name: 'bob' });
  const [first] = server.connections;

  expect(await first?.close(4403, 'Forbidden')).toEqual({ code: 4403, reason: 'Forbidden' });

  expect(await alice.closed).toEqual({ code: 4403, reason: 'Forbidden' });
  expect(server.connections.map(({ params }) => params)).toEqual([{ name: 'bob' }]);
});

test('dropAll() leaves clients without a close frame', async () => {
  await using server = await mockServer();
  const peer = await MockPeer.connect(server, modern);
  server.delay(60_000);
  peer.send({ type: 'ping' });
  await vi.waitFor(() => expect(server.transcript()).toContain('ping'));

  server.dropAll();

  expect((await peer.closed).code).toBe(1006);
  // The pong was on its way, and is lost.
  expect(peer.messages).toEqual([{ type: 'connection_ack' }]);
  expect(server.connections).toEqual([]);
});

test('refuse() with an HTTP status refuses the upgrade, until accept()', async () => {
  await using server = await mockServer();

  expect(await new MockPeer(server, modern).init()).toEqual({ type: 'connection_ack' });
  server.refuse(503);
  expect(await dialled(server.url)).toBe('Unexpected server response: 503');
  expect((await new MockPeer(server, modern).closed).code).toBe(1006);
  server.accept();

  expect(await dialled(server.url)).toBe('open');
});

test('refuse() hurts nobody who is in already', async () => {
  await using server = await mockServer({ hello: { data: { hello: 'world' } } });
  const peer = await MockPeer.connect(server, modern);

  server.refuse(4403);
  peer.send({ ...SUBSCRIBE, payload: { query: '{ hello }' } });

  expect(await peer.next()).toMatchObject({ payload: { data: { hello: 'world' } } });
});

test('a server that was stopped refuses connections until it is started, at the same place', async () => {
  await using server = await mockServer();
  const { url } = server;
  const peer = await MockPeer.connect(server, modern);

  await server.stop();
  expect(await peer.closed).toEqual({ code: 1012, reason: 'Service restart' });
  expect(await dialled(url)).toContain('ECONNREFUSED');
  expect((await new MockPeer(server, modern).closed).code).toBe(1006);
  await server.start();

  expect(server.url).toBe(url);
  expect(await dialled(url)).toBe('open');
  await MockPeer.connect(server, modern);
  await server.connection();
});

test('after a restart operation() gives the new subscription, not the lost one', async () => {
  await using server = await mockServer();
  (await MockPeer.connect(server, modern)).send(SUBSCRIBE);
  await vi.waitFor(() => expect(server.operations).toHaveLength(1));

  await server.restart();
  (await MockPeer.connect(server, modern)).send(SUBSCRIBE);

  const operation = await server.operation('onText');
  expect(operation.isRunning).toBe(true);
  expect(operation.connection.number).toBe(2);
  expect(server.received('onText')).toHaveLength(2);
});

test('delay() makes every message late and keeps their order', async () => {
  await using server = await mockServer();
  const peer = await MockPeer.connect(server, modern);
  peer.send(SUBSCRIBE);
  const operation = await server.operation('onText');

  server.delay(30);
  const before = performance.now();
  operation.next({ onText: 'late' });
  server.delay(0);
  operation.next({ onText: 'behind it' });

  expect(await peer.next()).toMatchObject({ payload: { data: { onText: 'late' } } });
  expect(performance.now() - before).toBeGreaterThan(28);
  expect(await peer.next()).toMatchObject({ payload: { data: { onText: 'behind it' } } });
});

test('a stalled server neither sends nor reads nor answers dials, and makes up for it', async () => {
  await using server = await mockServer();
  const peer = await MockPeer.connect(server, modern);
  peer.send(SUBSCRIBE);
  const operation = await server.operation('onText');

  server.stall();
  operation.next({ onText: 'held' });
  peer.send({ ...SUBSCRIBE, id: '2' });
  peer.send({ type: 'ping' });
  const late = new MockPeer(server, modern);
  const left = new MockPeer(server, modern);
  left.terminate();
  await left.closed;
  // A server that is not stalled shows that there was time enough.
  await using other = await mockServer({ hello: { data: {} } });
  await MockPeer.connect(other, modern);
  expect(peer.messages).toHaveLength(1);
  expect(server.operations).toEqual([operation]);

  server.resume();
  expect(await peer.next()).toMatchObject({ payload: { data: { onText: 'held' } } });
  expect(await peer.next()).toEqual({ type: 'pong' });
  expect(await late.init()).toEqual({ type: 'connection_ack' });
  expect(server.operations).toHaveLength(2);
});

test('a stalled server can be closed', async () => {
  const server = await mockServer();
  const peer = await MockPeer.connect(server, modern);
  server.stall();
  const held = new MockPeer(server, modern);

  await server.close();

  expect((await peer.closed).code).toBe(1001);
  expect((await held.closed).code).toBe(1006);
});

test('close() may be called again, and ends a client that does not answer', async () => {
  const server = await mockServer();
  const socket = new WebSocket(server.url, [modern]);
  await new Promise((resolve) => socket.on('open', resolve));
  socket.pause();

  await Promise.all([server.close(), server.close()]);
  await server.close();

  await expect(server.start()).rejects.toThrow('This mock server is closed for good');
  socket.terminate();
});

/** How many timers the process has, once it has no TCP handle left. */
async function timersWithoutSockets(): Promise<number> {
  for (;;) {
    const names = process.getActiveResourcesInfo();
    if (!names.some((name) => name.startsWith('TCP'))) {
      return names.filter((name) => name === 'Timeout').length;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a closed server leaves neither sockets nor timers', async () => {
  const before = await timersWithoutSockets();
  const server = await mockServer();
  const socket = new WebSocket(server.url, [modern]);
  await new Promise((resolve) => socket.on('open', resolve));
  server.delay(60_000);
  socket.send('{"type":"connection_init"}');
  await vi.waitFor(() => expect(server.transcript()).toContain('connection_init'));
  const pending = server.operation('Never').catch(({ message }) => message);
  const closed = new Promise((resolve) => socket.on('close', resolve));

  await server.close();
  await closed;

  expect(await pending).toContain('nothing came before the server was closed');
  expect(await timersWithoutSockets()).toBe(before);
});

test('it listens on the port that it is given, and says so when it can not', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = Object(taken.address());

  await expect(mockServer({}, { port })).rejects.toThrow('EADDRINUSE');
  await new Promise((resolve) => taken.close(resolve));
  await using server = await mockServer({}, { port });

  expect(server.url).toBe(`ws://127.0.0.1:${port}/graphql`);
});

test.each([['ws://example.org/graphql'], ['wss://example.org/graphql']])(
  'in memory the URL %s leads to the server too',
  async (url) => {
    await using server = await mockServer({ hello: { data: { hello: 'world' } } });
    const peer = new MockPeer(server, modern, url);

    expect(await peer.init()).toEqual({ type: 'connection_ack' });
  },
);

test('where queueMicrotask is faked, nothing can be served, and that is said at once', async () => {
  vi.useFakeTimers({ toFake: ['queueMicrotask'] });

  await expect(mockServer()).rejects.toThrow('queueMicrotask is faked');
});

test('faked timers change nothing', async () => {
  vi.useFakeTimers();
  await using server = await mockServer({ hello: { data: { hello: 'world' } } });
  server.delay(1);
  const peer = await MockPeer.connect(server, modern);
  peer.send({ ...SUBSCRIBE, payload: { query: '{ hello }' } });
  expect(await peer.next()).toMatchObject({ payload: { data: { hello: 'world' } } });

  const socket = new WebSocket(server.url, [modern]);
  await new Promise((resolve) => socket.on('open', resolve));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await server.restart();
  await closed;
});
