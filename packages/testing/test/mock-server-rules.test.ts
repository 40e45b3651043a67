import { type MockServer, mockServer } from '@groupcast/testing';
import { expect, onTestFinished, test, vi } from 'vitest';

import { MockPeer } from './support/mock-peer.ts';

const INIT = { type: 'connection_init' };
const PING = { type: 'ping' };
const ASKING = { groupcast: { v: 1, confirm: true, gaps: true } };
const subscribe = (id: string, query: string, more: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, ...more },
});
const start = (id: unknown, query: string) => ({ id, type: 'start', payload: { query } });

/** Connects, and sends messages in one segment. */
async function say(server: MockServer, protocol: string, ...messages: (object | string)[]) {
  const peer = new MockPeer(server, [protocol]);
  await peer.opened;
  for (const message of messages) {
    peer.sendRaw(typeof message === 'string' ? message : JSON.stringify(message));
  }
  return peer;
}

/** A server that lets nobody in before `admit` is called. */
async function slowServer() {
  let admit: () => void = () => {};
  const admitted = new Promise<void>((resolve) => {
    admit = resolve;
  });
  const server = await mockServer({ a: { data: { a: 1 } } }, { onConnect: () => admitted });
  onTestFinished(() => server.close());
  return { server, admit: () => admit() };
}

test.each([
  ['a payload of init that is no object', 4400, [{ ...INIT, payload: 'token' }]],
  ['a ping with a text', 4400, [{ ...PING, payload: 'text' }]],
  ['an empty id', 4400, [subscribe('', '{ a }')]],
  ['no query', 4400, [{ id: '1', type: 'subscribe', payload: {} }]],
  ['variables that are a list', 4400, [subscribe('1', '{ a }', { variables: [] })]],
  ['a complete without an id', 4400, [{ type: 'complete' }]],
  ["a server's message", 4400, [{ type: 'connection_ack' }]],
  ['an operation before the ack', 4401, [INIT, subscribe('1', '{ a }')]],
  ['a second init before the ack', 4429, [INIT, INIT]],
])('a modern client is closed for %s with %i %#', async (_what, code, messages) => {
  const { server, admit } = await slowServer();

  // What comes with it is not answered any more.
  const peer = await say(
    server,
    'graphql-transport-ws',
    ...messages,
    PING,
    subscribe('2', '{ a }'),
  );
  const close = await peer.closed;
  admit();

  expect(close.code).toBe(code);
  expect(peer.messages).toEqual([]);
  expect(server.received()).toEqual([]);
});

test('pings are answered and unknown completes ignored at any time', async () => {
  const { server, admit } = await slowServer();
  const complete = { id: 'toString', type: 'complete' };

  const peer = await say(server, 'graphql-transport-ws', complete, PING, INIT, complete);
  expect(await peer.next()).toEqual({ type: 'pong' });
  admit();
  expect(await peer.next()).toEqual({ type: 'connection_ack' });
  peer.send(complete);
  peer.send({ ...PING, payload: null });

  expect(await peer.next()).toEqual({ type: 'pong', payload: null });
});

test('an id that was stopped may be used again in the same segment', async () => {
  await using server = await mockServer();
  const peer = await MockPeer.connect(server, 'graphql-transport-ws');
  peer.send(subscribe('1', 'subscription First { a }'));
  const first = await server.operation('First');

  peer.send({ id: '1', type: 'complete' });
  peer.send(subscribe('1', 'subscription Second { a }'));
  const second = await server.operation('Second');

  expect(() => first.next({ a: 'old' })).toThrow('the client has ended it');
  second.next({ a: 'new' });
  expect(await peer.next()).toMatchObject({ id: '1', payload: { data: { a: 'new' } } });
});

test('a message that can not be answered closes with 4500, and shows in the transcript', async () => {
  await using server = await mockServer();
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

  const peer = await say(server, 'graphql-transport-ws', `{"type":"ping","payload":${deep}}`);

  expect(await peer.closed).toEqual({ code: 4500, reason: 'Internal server error' });
  expect(server.transcript()).toContain('→ #1 {"type":"ping","payload":{"a":{"a":');
});

test.each([[1012], [1013], [4408]])(
  'a legacy client that is refused with %i may come back, so no error precedes the close',
  async (code) => {
    await using server = await mockServer();
    server.refuse(code, 'Later');

    const peer = await say(server, 'graphql-ws', INIT);

    expect(await peer.closed).toEqual({ code, reason: 'Later' });
    expect(peer.messages).toEqual([]);
  },
);

test('a legacy client that starts before its init is refused', async () => {
  await using server = await mockServer();

  const peer = await say(server, 'graphql-ws', start('1', '{ a }'));

  expect(await peer.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  const error = { type: 'connection_error', payload: { message: 'Unauthorized' } };
  expect(peer.messages).toEqual([error]);
  expect(server.received()).toEqual([]);
});

test('a legacy start that fails before the ack takes what was held for its id with it', async () => {
  const { server, admit } = await slowServer();
  const peer = await say(
    server,
    'graphql-ws',
    INIT,
    start(7, 'subscription Held { a }'),
    { id: '7', type: 'start', payload: {} },
    start('8', '{ a }'),
  );

  expect(await peer.next()).toMatchObject({ type: 'error', id: '7' });
  admit();

  expect(await peer.next()).toEqual({ type: 'connection_ack' });
  expect(await peer.next()).toMatchObject({ type: 'data', id: '8' });
  expect(server.received().map(({ name }) => name)).toEqual(['a']);
});

test('a legacy client that is closed by what it has started early is told nothing more', async () => {
  await using server = await mockServer({
    Leave: async ({ connection }) => void (await connection.close(4500)),
  });
  const peer = await say(
    server,
    'graphql-ws',
    INIT,
    start('1', 'query Leave { a }'),
    start('2', 'query Late { a }'),
  );

  expect((await peer.closed).code).toBe(4500);
  expect(peer.messages).toEqual([{ type: 'connection_ack' }]);
  expect(server.received().map(({ name }) => name)).toEqual(['Leave']);
  expect(server.transcript()).not.toContain('connection_error');
});

test('a legacy client may stop what it started before the ack, and what it never started', async () => {
  const { server, admit } = await slowServer();
  const stop = (id: unknown) => ({ id, type: 'stop' });
  const peer = await say(
    server,
    'graphql-ws',
    stop('0'),
    INIT,
    start(1, 'subscription S { a }'),
    stop('1'),
    stop('toString'),
    start('2', '{ a }'),
  );

  admit();

  expect(await peer.next()).toEqual({ type: 'connection_ack' });
  expect(await peer.next()).toEqual({ id: '1', type: 'complete' });
  expect(await peer.next()).toMatchObject({ type: 'data', id: '2' });
});

test('queries and mutations have neither confirmations nor gaps, whatever is asked', async () => {
  await using server = await mockServer({ Send: () => {} });
  const peer = await MockPeer.connect(server, 'graphql-transport-ws');
  peer.send(subscribe('1', 'mutation Send { send }', { extensions: ASKING }));
  const operation = await server.operation('Send');

  operation.gap({ reason: 'broker' });
  operation.next({ send: true });

  expect(await peer.next()).toEqual({ id: '1', type: 'next', payload: { data: { send: true } } });
  expect(await peer.next()).toEqual({ id: '1', type: 'complete' });
});

test('a persisted document without a name goes by its hash', async () => {
  await using server = await mockServer({ abc: { data: { hello: 'world' } } });
  const peer = await MockPeer.connect(server, 'graphql-transport-ws');
  const persisted = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } });

  peer.send(subscribe('1', '', { extensions: persisted('abc') }));
  expect(await peer.next()).toMatchObject({ payload: { data: { hello: 'world' } } });
  await peer.next();
  peer.send(subscribe('2', '', { extensions: { ...persisted('def'), ...ASKING } }));
  expect(await server.operation('def')).toMatchObject({ kind: 'subscription' });
  const gaps = { groupcast: { v: 1, gaps: true } };
  peer.send(subscribe('3', '', { extensions: { ...persisted('ghi'), ...gaps } }));

  await vi.waitFor(() => expect(server.received('ghi')).toHaveLength(1));
  expect(server.received('ghi')[0]).toMatchObject({ kind: 'subscription', isRunning: true });
});

test('an operation that its document does not have is refused, handler or not', async () => {
  const answer = vi.fn();
  await using server = await mockServer({ First: answer, Third: answer });
  const peer = await MockPeer.connect(server, 'graphql-transport-ws');
  const both = 'query First { a } query Second { b }';

  peer.send(subscribe('1', both));
  peer.send(subscribe('2', both, { operationName: 'Third' }));

  expect([await peer.next(), await peer.next()]).toMatchInlineSnapshot(`
    [
      {
        "id": "1",
        "payload": [
          {
            "message": "The document has 2 operations, and operationName chooses none",
          },
        ],
        "type": "error",
      },
      {
        "id": "2",
        "payload": [
          {
            "message": "The document has no operation "Third"",
          },
        ],
        "type": "error",
      },
    ]
  `);
  expect(answer).not.toHaveBeenCalled();
});
