import { type JsonObject, LEGACY } from '@groupcast/protocol';
import { connect, forEachProtocol, PROTOCOLS, type TestableApp } from '@groupcast/testing';
import { describe, expect, test } from 'vitest';

import { acknowledgingApp, type Peer } from './support/scripted-app.ts';

type Answer = (peer: Peer, start: JsonObject) => void;

/** A server with the plugin's decorator, which answers each operation so. */
function pluginLike(answer: Answer): TestableApp {
  const { server } = acknowledgingApp({ onMessage: answer });
  return { server, graphqlWs: { path: '/graphql', settled: async () => {} } };
}

const confirmed = { data: null, extensions: { groupcast: { v: 1, confirmed: true } } };

test('forEachProtocol() calls for each subprotocol, the modern one first', () => {
  const seen: string[] = [];

  forEachProtocol((protocol) => seen.push(protocol));

  expect(seen).toEqual(['graphql-transport-ws', 'graphql-ws']);
  expect(PROTOCOLS).toEqual(seen);
});

forEachProtocol((protocol) =>
  describe(`confirmation (${protocol})`, () => {
    const next = protocol === LEGACY ? 'data' : 'next';

    test('subscribe() asks for a confirmation beside the extensions of the caller', async () => {
      const starts: JsonObject[] = [];
      const app = pluginLike(({ say }, start) => {
        starts.push(start);
        say({ id: start['id'], type: 'complete' });
      });
      await using alice = await connect(app, { protocol });

      await alice.subscribe('subscription { a }', { extensions: { x: 1, groupcast: { y: 2 } } });
      alice.start('subscription { a }');
      await alice.fence();

      expect(starts.map(({ payload }) => payload)).toEqual([
        {
          query: 'subscription { a }',
          extensions: { x: 1, groupcast: { y: 2, v: 1, confirm: true } },
        },
        { query: 'subscription { a }' },
      ]);
    });

    test('subscribe() resolves at the confirmation, which nobody else gets to read', async () => {
      const order: string[] = [];
      const app = pluginLike(({ say }, { id }) => {
        setImmediate(() => {
          order.push('confirmed');
          say({ id, type: next, payload: confirmed });
          say({ id, type: next, payload: { data: { a: 1 } } });
        });
      });
      await using alice = await connect(app, { protocol });

      const operation = await alice.subscribe('subscription { a }');
      order.push('subscribed');

      expect(order).toEqual(['confirmed', 'subscribed']);
      await operation.expectNext({ a: 1 });
      await alice.expectSilence();
      expect(alice.transcript()).toContain('"confirmed":true');
    });

    test('subscribe() resolves when the operation ends instead', async () => {
      const app = pluginLike(({ say }, { id }) => {
        say({
          id,
          type: 'error',
          payload: protocol === LEGACY ? { message: 'no' } : [{ message: 'no' }],
        });
      });
      await using alice = await connect(app, { protocol });

      const operation = await alice.subscribe('subscription { a }');

      await operation.expectError('no');
    });

    test('a confirmation that nobody asked for, or a second one, is a result', async () => {
      const app = pluginLike(({ say }, { id }) => {
        say({ id, type: next, payload: confirmed });
        say({ id, type: next, payload: confirmed });
      });
      await using alice = await connect(app, { protocol });

      const unasked = alice.start('subscription { a }');
      const twice = await alice.subscribe('subscription { a }');

      await unasked.expectResult(confirmed);
      await unasked.expectResult(confirmed);
      await twice.expectResult(confirmed);
      await alice.expectSilence();
    });

    test('a result that comes before the confirmation makes the confirmation visible', async () => {
      const app = pluginLike(({ say }, { id }) => {
        say({ id, type: next, payload: { data: { early: 1 } } });
        say({ id, type: next, payload: confirmed });
      });
      await using alice = await connect(app, { protocol });

      const operation = await alice.subscribe('subscription { a }');

      await operation.expectNext({ early: 1 });
      await operation.expectResult(confirmed);
    });

    test('subscribe() fails in time when neither comes', async () => {
      await using alice = await connect(
        pluginLike(() => {}),
        { protocol, timeoutMs: 100 },
      );

      await expect(alice.subscribe('subscription { a }')).rejects.toThrow(
        'Expected operation op1 to be confirmed or to end, but nothing came within 100 ms',
      );
    });
  }),
);
