import { forEachProtocol, mockServer } from '@groupcast/testing';
import { GraphQLError } from 'graphql';
import { describe, expect, test, vi } from 'vitest';

import { MockPeer, words } from './support/mock-peer.ts';

const modern = 'graphql-transport-ws';
const subscription = (id: string) => ({
  id,
  type: 'subscribe',
  payload: { query: 'subscription { onText }' },
});
const query = (id: string, name: string) => ({
  id,
  type: 'subscribe',
  payload: { query: `query ${name} { a }` },
});

/** What no JSON can carry. */
const CIRCULAR: Record<string, unknown> = {};
CIRCULAR['self'] = CIRCULAR;

forEachProtocol((protocol) => {
  const { start, data } = words[protocol];

  describe(protocol, () => {
    test('errors that are Error objects keep their messages', async () => {
      await using server = await mockServer();
      const peer = await MockPeer.connect(server, protocol);
      peer.send({ id: '1', type: start, payload: { query: 'subscription { onText }' } });
      const operation = await server.operation('onText');
      const coded = new GraphQLError('Not you', { path: ['a'], extensions: { code: 'FORBIDDEN' } });
      const shown = { message: 'Not you', path: ['a'], extensions: { code: 'FORBIDDEN' } };

      operation.result({ data: null, errors: [new Error('Lost'), coded] });
      operation.error([new Error('Over')]);

      expect(await peer.next()).toEqual({
        id: '1',
        type: data,
        payload: { data: null, errors: [{ message: 'Lost' }, shown] },
      });
      const over = { message: 'Over' };
      expect(await peer.next()).toEqual({
        id: '1',
        type: 'error',
        payload: protocol === modern ? [over] : over,
      });
    });

    test('what a handler throws is told, whatever it is', async () => {
      const thrown: unknown[] = [
        new GraphQLError('Not you', { extensions: { code: 'FORBIDDEN' } }),
        new GraphQLError('Not to be told', { extensions: CIRCULAR }),
        { message: 'Formatted', extensions: { code: 'X' } },
        'a text',
        undefined,
        Object.create(null),
        Object.assign(new Error(), { message: 5 }),
      ];
      const rest = [...thrown];
      await using server = await mockServer({
        A: async () => {
          throw rest.shift();
        },
      });
      const peer = await MockPeer.connect(server, protocol);

      const told: unknown[] = [];
      for (const [index] of thrown.entries()) {
        peer.send({ id: String(index), type: start, payload: { query: 'query A { a }' } });
        const { payload } = await peer.next();
        told.push(...[payload].flat());
      }

      expect(told).toEqual([
        { message: 'Not you', extensions: { code: 'FORBIDDEN' } },
        { message: 'Not to be told' },
        { message: 'Formatted', extensions: { code: 'X' } },
        { message: 'a text' },
        { message: 'undefined' },
        { message: '[Object: null prototype] {}' },
        { message: '5' },
      ]);
    });
  });
});

test('a result that no server sends is refused at once, and leaves the operation running', async () => {
  await using server = await mockServer();
  const peer = await MockPeer.connect(server, modern);
  peer.send(subscription('1'));
  const operation = await server.operation('onText');
  const withoutTypes = (value: unknown) => value as never;

  expect(() => operation.result({})).toThrowErrorMatchingInlineSnapshot(
    `[TypeError: A result must have "data", "errors" or both, got {}]`,
  );
  expect(() => operation.next(withoutTypes(undefined))).toThrowErrorMatchingInlineSnapshot(
    `[TypeError: A result must have "data", "errors" or both, got { data: undefined }]`,
  );
  expect(() => operation.result(withoutTypes({ onText: 'hi' }))).toThrowErrorMatchingInlineSnapshot(
    `[TypeError: A result must have "data", "errors" or both, got { onText: 'hi' }]`,
  );
  expect(() => operation.error([])).toThrowErrorMatchingInlineSnapshot(
    `[TypeError: An operation fails with a list of one error or more, got []]`,
  );
  expect(() =>
    operation.error(withoutTypes(new Error('No list'))),
  ).toThrowErrorMatchingInlineSnapshot(
    `[TypeError: An operation fails with a list of one error or more, got Error: No list]`,
  );
  operation.result({ data: { onText: 'hi' }, errors: [] });

  expect(await peer.next()).toEqual({ id: '1', type: 'next', payload: { data: { onText: 'hi' } } });
});

test('a handler whose answer is no result fails its operation, and says why', async () => {
  const handlers: Record<string, object> = { A: { a: 1 }, B: () => 'b' };
  await using server = await mockServer(handlers);
  const peer = await MockPeer.connect(server, modern);

  peer.send(query('1', 'A'));
  peer.send(query('2', 'B'));

  expect([await peer.next(), await peer.next()]).toMatchInlineSnapshot(`
    [
      {
        "id": "1",
        "payload": [
          {
            "message": "A result must have "data", "errors" or both, got { a: 1 }",
          },
        ],
        "type": "error",
      },
      {
        "id": "2",
        "payload": [
          {
            "message": "A result must have "data", "errors" or both, got 'b'",
          },
        ],
        "type": "error",
      },
    ]
  `);
});

test('what a handler throws when its operation has ended stands in the transcript', async () => {
  await using server = await mockServer({
    A: (operation) => {
      operation.next({ a: 1 });
      throw new Error('Too late to be told');
    },
  });
  const peer = await MockPeer.connect(server, modern);

  peer.send(query('1', 'A'));

  expect(await peer.next()).toMatchObject({ type: 'next' });
  expect(await peer.next()).toEqual({ id: '1', type: 'complete' });
  expect(server.transcript()).toContain('#1 the handler of query "A" threw: Too late to be told');
});

test('only as many queries wait for the test as it waits for', async () => {
  await using server = await mockServer();
  const peer = await MockPeer.connect(server, modern);
  const taken = server.operation();

  peer.send(query('1', 'A'));
  peer.send(query('2', 'B'));

  expect((await taken).name).toBe('A');
  expect(await peer.next()).toMatchObject({ id: '2', type: 'error' });
});

test('a handler that is done after the client has left says nothing, whatever it does', async () => {
  const rest: (() => void)[] = [];
  const later = (run: () => object) => () =>
    new Promise<object>((resolve, reject) => {
      rest.push(() => {
        try {
          resolve(run());
        } catch (error) {
          reject(error);
        }
      });
    });
  await using server = await mockServer({
    A: later(() => ({ data: { a: 1 } })),
    B: later(() => {
      throw new Error('Nobody hears it');
    }),
  });
  const peer = await MockPeer.connect(server, modern);
  peer.send(query('1', 'A'));
  peer.send(query('2', 'B'));
  await vi.waitFor(() => expect(rest).toHaveLength(2));

  peer.send({ id: '1', type: 'complete' });
  peer.send({ id: '2', type: 'complete' });
  await server.expectNone();
  for (const finish of rest) finish();
  peer.send({ type: 'ping' });

  expect(await peer.next()).toEqual({ type: 'pong' });
  await vi.waitFor(() => expect(server.transcript()).toContain('Nobody hears it'));
});

test('the same id on two connections is two operations', async () => {
  await using server = await mockServer();
  const alice = await MockPeer.connect(server, modern, { name: 'alice' });
  const bob = await MockPeer.connect(server, modern, { name: 'bob' });
  alice.send(subscription('1'));
  const ofAlice = await server.operation('onText');
  bob.send(subscription('1'));
  const ofBob = await server.operation('onText');

  ofBob.next({ onText: 'for bob' });
  ofAlice.next({ onText: 'for alice' });

  expect(await alice.next()).toMatchObject({ payload: { data: { onText: 'for alice' } } });
  expect(await bob.next()).toMatchObject({ payload: { data: { onText: 'for bob' } } });
  expect(ofBob.connection.params).toEqual({ name: 'bob' });
  alice.close();
  await ofAlice.expectStop();
  expect(server.operations).toEqual([ofBob]);
  expect(ofBob.connection.operations).toEqual([ofBob]);
});
