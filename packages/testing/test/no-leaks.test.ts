import { AssertionError } from 'node:assert';
import { connect, expectNoLeaks, forEachProtocol } from '@groupcast/testing';
import { describe, expect, test } from 'vitest';

import { failureOf } from './support/masked-failure.ts';
import { onMessage, pluginApp } from './support/plugin-app.ts';
import { acknowledgingApp } from './support/scripted-app.ts';

const subscription = 'subscription { onMessage(room: "kittens") { text } }';

forEachProtocol((protocol) =>
  describe(`expectNoLeaks() (${protocol})`, () => {
    test('waits until the server has noticed that all have left', async () => {
      const app = await pluginApp();
      const alice = await connect(app, { protocol });
      const bob = await connect(app, { protocol });
      for (const each of [alice, bob]) await each.subscribe(subscription);
      await app.broadcast(onMessage, { group: 'kittens', payload: { text: 'hi' } });

      alice.terminate();
      void bob.close();

      await expectNoLeaks(app);
    });

    test('holds after `await using`', async () => {
      const app = await pluginApp();
      {
        await using alice = await connect(app, { protocol });
        await alice.subscribe(subscription);
      }

      await expectNoLeaks(app);
    });
  }),
);

test('expectNoLeaks() names what is left, and whose it is', async () => {
  const app = await pluginApp();
  await using alice = await connect(app);
  await alice.subscribe(subscription);
  const stopped = await alice.subscribe(subscription);
  stopped.stop();
  await alice.query('{ hello }');
  await using _ = await connect(app, { protocol: 'graphql-ws' });

  expect(await failureOf(expectNoLeaks(app, { timeoutMs: 20 }))).toMatchInlineSnapshot(`
    "Expected nothing to be left of the app's clients, but after 20 ms there are 2 connections, 1 operation, 2 groups, 2 members of groups, 2 listeners on the emitter, 1 timer

    Open connections of the test:
      graphql-transport-ws: operation op1 subscription { onMessage(room: "kittens") { text } }
      graphql-ws: no operation"
  `);
});

test('expectNoLeaks() says when the server is still at work', async () => {
  let finish = (_text: string): void => {};
  const app = await pluginApp({ slow: () => new Promise((resolve) => (finish = resolve)) });
  await using alice = await connect(app, { init: true });
  const slow = alice.start('{ slow }');
  await alice.fence();

  expect(await failureOf(expectNoLeaks(app, { timeoutMs: 20 }))).toMatchInlineSnapshot(`
    "Expected nothing to be left of the app's clients, but after 20 ms there are 1 connection, 1 operation, 1 timer
    The server had not settled: something in it is still under way

    Open connections of the test:
      graphql-transport-ws: operation op1 { slow }"
  `);

  finish('done');
  await slow.expectNext({ slow: 'done' });
});

test('the failure of expectNoLeaks() compares the figures', async () => {
  const { server } = acknowledgingApp({});
  const none = {
    connections: 0,
    operations: 0,
    groups: 0,
    members: 0,
    queued: 0,
    bytes: 0,
    pendingBroadcasts: 0,
    emitterListeners: 0,
    timers: 0,
  };
  const stats = () => ({ ...none, groups: 1, timers: 2 });
  const app = { server, graphqlWs: { stats, settled: async () => {} } };

  const failure = await expectNoLeaks(app, { timeoutMs: 5 }).catch((reason: unknown) => reason);

  expect(failure).toBeInstanceOf(AssertionError);
  expect(failure).toMatchObject({
    message: expect.stringContaining('there are 1 group, 2 timers\n'),
    actual: { groups: 1, timers: 2 },
    expected: { groups: 0, timers: 0 },
  });
});
