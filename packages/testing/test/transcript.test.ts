import { randomUUID } from 'node:crypto';
import { connect, forEachProtocol } from '@groupcast/testing';
import { describe, expect, test } from 'vitest';

import { failureOf } from './support/masked-failure.ts';
import { onMessage, pluginApp } from './support/plugin-app.ts';
import { acknowledgingApp } from './support/scripted-app.ts';

forEachProtocol((protocol) =>
  describe(`transcript() (${protocol})`, () => {
    /** A visit with ids that no two runs have in common. */
    async function visit(): Promise<string> {
      const app = await pluginApp();
      const alice = await connect(app, { protocol, params: { token: 'alice' } });
      const query = 'subscription ($room: String!) { onMessage(room: $room) { text } }';
      const kittens = await alice.subscribe(query, {
        id: randomUUID(),
        variables: { room: 'kittens' },
      });
      const puppies = await alice.subscribe(query, {
        id: randomUUID(),
        variables: { room: 'puppies' },
      });
      await app.broadcast(onMessage, { group: 'puppies', payload: { text: 'hi' } });
      await puppies.expectNext({ onMessage: { text: 'hi' } });
      await kittens.expectSilence();
      kittens.stop();
      await alice.query('{ hello }', { id: randomUUID() });
      await alice.start('{ unknown }', { id: randomUUID() }).expectError('Cannot query field');
      await alice.close();
      return alice.transcript();
    }

    test('is a snapshot that stays the same, whatever the ids and times', async () => {
      const first = await visit();

      expect(first).toMatchSnapshot();
      expect(await visit()).toBe(first);
    });
  }),
);

test('a name stays with its id, and a number is another id than its text', async () => {
  const app = acknowledgingApp({
    onMessage: ({ say }, { id }) => {
      say({ id: String(id), type: 'complete' });
    },
  });
  await using alice = await connect(app, { protocol: 'graphql-ws', strict: false });

  alice.start('{ a }', { id: 'x' });
  alice.start('{ b }', { id: 7 });
  alice.start('{ c }', { id: 'x' });
  await alice.fence();

  expect(alice.transcript()).toMatchInlineSnapshot(`
    "   1  → connection_init
       2  ← connection_ack
       3  → start op1 {"query":"{ a }"}
       4  → start op2 {"query":"{ b }"}
       5  → start op1 {"query":"{ c }"}
       6  → fence 1
       7  ← complete op1
       8  ← complete op3
       9  ← complete op1
      10  ← fence 1"
  `);
});

test('a failure says which ids are meant, when the test chose them', async () => {
  await using alice = await connect(acknowledgingApp({}), { timeoutMs: 100 });
  alice.start('{ a }');
  const chosen = alice.start('{ b }', { id: 'chosen' });

  expect(await failureOf(chosen.next())).toMatchInlineSnapshot(`
    "Expected operation op2 to have a result, but nothing came within 100 ms

    The exchange:
       1  ? ms  → connection_init
       2  ? ms  ← connection_ack
       3  ? ms  → subscribe op1 {"query":"{ a }"}
       4  ? ms  → subscribe op2 {"query":"{ b }"}

    Ids: op2 is "chosen"

    Unread:
      nothing"
  `);
});

test('ids that are none stand in the exchange as they came', async () => {
  const app = acknowledgingApp({
    onMessage: ({ say }) => {
      say({ id: null, type: 'error', payload: { message: 'what?' } });
      say({ id: { a: 1 }, type: 'complete' });
      say({ id: '7' });
    },
  });
  await using alice = await connect(app, { strict: false });

  alice.sendRaw('{"id":["1"],"type":"subscribe"}');
  await alice.fence();

  expect(alice.transcript()).toMatchInlineSnapshot(`
    "   1  → connection_init
       2  ← connection_ack
       3  → subscribe ["1"]
       4  → fence 1
       5  ← error null {"message":"what?"}
       6  ← complete {"a":1}
       7  ← {"id":"7"}
       8  ← fence 1"
  `);
});
