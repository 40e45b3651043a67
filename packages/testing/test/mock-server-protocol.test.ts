import { forEachProtocol, mockServer } from '@groupcast/testing';
import { describe, expect, test } from 'vitest';

import { MockPeer, words } from './support/mock-peer.ts';

const ASKING = { groupcast: { v: 1, confirm: true, gaps: true } };
const CONFIRMED = { data: null, extensions: { groupcast: { v: 1, confirmed: true } } };

forEachProtocol((protocol) => {
  const { start, data, stop } = words[protocol];
  const begin = (id: string, query: string, payload = {}) => ({
    id,
    type: start,
    payload: { query, ...payload },
  });

  describe(protocol, () => {
    test('a query is answered with one result and its completion', async () => {
      await using server = await mockServer({ hello: { data: { hello: 'world' } } });
      const peer = await MockPeer.connect(server, protocol);

      peer.send(begin('1', '{ hello }'));

      expect(await peer.next()).toEqual({
        id: '1',
        type: data,
        payload: { data: { hello: 'world' } },
      });
      expect(await peer.next()).toEqual({ id: '1', type: 'complete' });
    });

    test('who asks is told when the subscription is live and what it has missed', async () => {
      await using server = await mockServer();
      const peer = await MockPeer.connect(server, protocol);
      peer.send(begin('1', 'subscription OnText { onText }', { extensions: ASKING }));

      const operation = await server.operation('OnText');
      operation.gap({ reason: 'queue', dropped: 3 });
      operation.next({ onText: 'a' });

      expect(await peer.next()).toEqual({ id: '1', type: data, payload: CONFIRMED });
      const gap = { reason: 'queue', dropped: 3 };
      expect(await peer.next()).toEqual({
        id: '1',
        type: data,
        payload: { data: null, extensions: { groupcast: { v: 1, gap } } },
      });
      expect(await peer.next()).toEqual({
        id: '1',
        type: data,
        payload: { data: { onText: 'a' } },
      });
    });

    test('who does not ask sees neither confirmations nor gaps', async () => {
      await using server = await mockServer();
      const peer = await MockPeer.connect(server, protocol);
      const other = { extensions: { groupcast: { v: 2, confirm: true, gaps: true } } };
      peer.send(begin('1', 'subscription OnText { onText }'));
      peer.send(begin('2', 'subscription OnText { onText }', other));

      for (const text of ['a', 'b']) {
        const operation = await server.operation('OnText');
        operation.gap({ reason: 'broker' });
        operation.next({ onText: text });
      }

      expect(await peer.next()).toEqual({
        id: '1',
        type: data,
        payload: { data: { onText: 'a' } },
      });
      expect(await peer.next()).toEqual({
        id: '2',
        type: data,
        payload: { data: { onText: 'b' } },
      });
    });

    test('a subscription is confirmed when its handler has returned, before its first event', async () => {
      let admit: () => void = () => {};
      const admitted = new Promise<void>((resolve) => {
        admit = resolve;
      });
      await using server = await mockServer({
        OnText: async () => {
          await admitted;
          return { data: { onText: 'first' } };
        },
        OnOther: () => {
          throw new Error('No such room');
        },
      });
      const peer = await MockPeer.connect(server, protocol);
      peer.send(begin('1', 'subscription OnText { onText }', { extensions: ASKING }));
      peer.send(begin('2', 'subscription OnOther { onOther }', { extensions: ASKING }));

      expect(await peer.next()).toMatchObject({ id: '2', type: 'error' });
      admit();
      expect(await peer.next()).toEqual({ id: '1', type: data, payload: CONFIRMED });
      expect(await peer.next()).toMatchObject({ id: '1', payload: { data: { onText: 'first' } } });
    });

    test('a client that stops is sent nothing more', async () => {
      await using server = await mockServer({ hello: { data: { hello: 'world' } } });
      const peer = await MockPeer.connect(server, protocol);
      peer.send(begin('1', 'subscription OnText { onText }'));
      const operation = await server.operation('OnText');

      peer.send({ id: '1', type: stop });
      await operation.expectStop();
      expect(() => operation.next({ onText: 'late' })).toThrow('the client has ended it');
      peer.send(begin('2', '{ hello }'));

      const ids = [await peer.next(), await peer.next()].map(({ id }) => id);
      expect(ids).toEqual(protocol === 'graphql-ws' ? ['1', '2'] : ['2', '2']);
    });

    test('a persisted document, which has no text, is known by its operation name', async () => {
      await using server = await mockServer({ Hello: { data: { hello: 'world' } } });
      const peer = await MockPeer.connect(server, protocol);

      peer.send(begin('1', '', { operationName: 'Hello', extensions: { persistedQuery: {} } }));
      expect(await peer.next()).toMatchObject({ payload: { data: { hello: 'world' } } });
      await peer.next();
      peer.send(begin('2', '', { operationName: 'OnText', extensions: ASKING }));

      expect((await server.operation('OnText')).kind).toBe('subscription');
    });

    test('a refused client is told the code', async () => {
      await using server = await mockServer();
      server.refuse(4403);
      const peer = new MockPeer(server, protocol);

      peer.opened.then(() => peer.send({ type: 'connection_init' }));

      expect(await peer.closed).toEqual({ code: 4403, reason: 'Forbidden' });
      const refusal = { type: 'connection_error', payload: { message: 'Forbidden' } };
      expect(peer.messages).toEqual(protocol === 'graphql-ws' ? [refusal] : []);
    });
  });
});

test('a modern client that breaks the rules is closed as the protocol says', async () => {
  await using server = await mockServer();
  const closes = async (...messages: (object | string)[]) => {
    const peer = new MockPeer(server, 'graphql-transport-ws');
    await peer.opened;
    for (const message of messages) {
      peer.sendRaw(typeof message === 'string' ? message : JSON.stringify(message));
      if (message === INIT) await peer.next();
    }
    return (await peer.closed).code;
  };
  const INIT = { type: 'connection_init' };
  const subscription = { id: '1', type: 'subscribe', payload: { query: 'subscription { a }' } };

  expect(await closes('no json')).toBe(4400);
  expect(await closes({ type: 'start', id: '1' })).toBe(4400);
  expect(await closes(subscription)).toBe(4401);
  expect(await closes(INIT, { ...INIT })).toBe(4429);
  expect(await closes(INIT, subscription, subscription)).toBe(4409);
});

test('a modern client gets a pong for its ping', async () => {
  await using server = await mockServer();
  const peer = await MockPeer.connect(server, 'graphql-transport-ws');

  peer.send({ type: 'ping', payload: { at: 1 } });

  expect(await peer.next()).toEqual({ type: 'pong', payload: { at: 1 } });
});

test('a binary frame breaks the protocol', async () => {
  await using server = await mockServer();
  const peer = await MockPeer.connect(server, 'graphql-transport-ws');

  peer.sendRaw(new Uint8Array([1, 2]));

  expect((await peer.closed).code).toBe(4400);
});

test('a legacy client is told what it does wrong, and stays connected', async () => {
  await using server = await mockServer();
  const peer = await MockPeer.connect(server, 'graphql-ws');

  peer.sendRaw('no json');
  peer.send({ id: 1, type: 'start', payload: {} });

  expect(await peer.next()).toMatchObject({ type: 'connection_error' });
  expect(await peer.next()).toMatchObject({ type: 'error', id: 1 });
});

test('a legacy client may start before it is acknowledged, use an id again, and terminate', async () => {
  await using server = await mockServer({ a: { data: { a: 1 } } }, { onConnect: async () => {} });
  const peer = new MockPeer(server, 'graphql-ws');
  await peer.opened;
  const start = (id: number, query: string) => peer.send({ id, type: 'start', payload: { query } });

  peer.send({ type: 'connection_init' });
  start(1, '{ a }');
  peer.send({ type: 'connection_init' });
  start(7, 'subscription First { a }');
  start(7, 'subscription Second { a }');
  const types = [await peer.next(), await peer.next(), await peer.next()].map(({ type }) => type);

  expect(types).toEqual(['connection_ack', 'data', 'complete']);
  expect((await server.operation('Second')).isRunning).toBe(true);
  expect(server.operations).toHaveLength(1);
  peer.send({ type: 'connection_terminate' });
  expect((await peer.closed).code).toBe(1000);
});

test('a legacy client may send a parsed document', async () => {
  await using server = await mockServer({ Hello: { data: { hello: 'world' } } });
  const peer = await MockPeer.connect(server, 'graphql-ws');
  const name = { kind: 'Name', value: 'Hello' };
  const definition = { kind: 'OperationDefinition', operation: 'query', name };

  const query = { kind: 'Document', definitions: [definition] };
  peer.send({ id: '1', type: 'start', payload: { query } });

  expect(await peer.next()).toMatchObject({ payload: { data: { hello: 'world' } } });
});

test('a client that offers nothing that is spoken is closed with 4406', async () => {
  await using server = await mockServer({}, { protocols: ['graphql-ws'] });
  const modern = new MockPeer(server, 'graphql-transport-ws');
  const both = new MockPeer(server, ['graphql-transport-ws', 'graphql-ws']);
  const none = new MockPeer(server, []);

  await both.init();

  expect((await server.connection()).protocol).toBe('graphql-ws');
  expect(await none.closed).toEqual({
    code: 4406,
    reason: 'Subprotocol not acceptable, offer "graphql-ws"',
  });
  // The package `ws` itself gives up when none of its offers is taken.
  expect((await modern.closed).code).toBe(1006);
});
