import { connect, forEachProtocol, type TestableApp } from '@groupcast/testing';
import { describe, expect, test } from 'vitest';

import { mercuriusApp } from './support/foreign-apps.ts';
import { graphqlWsApp } from './support/graphql-ws-app.ts';

/** What a client may say, good and bad, up to a close that it begins. */
async function talk(app: TestableApp, protocol: 'graphql-transport-ws' | 'graphql-ws') {
  const alice = await connect(app, { protocol });
  const count = await alice.subscribe('subscription { countdown(from: 2) }');
  await count.expectNext({ countdown: 2 });
  await count.expectNext({ countdown: 1 });
  await count.expectComplete();
  await alice.query('{ __typename }');
  await alice.start('{ failing }').next();
  await alice.start('{ unknown }').expectError();
  return alice;
}

test("graphql-ws's server keeps the rules", async () => {
  await using alice = await talk(graphqlWsApp(), 'graphql-transport-ws');

  const silent = await alice.subscribe('subscription { silent }');
  silent.stop();
  const again = alice.start('subscription { countdown(from: 1) }', { id: silent.id });
  await again.expectNext({ countdown: 1 });
  await again.expectComplete();
  alice.send({ type: 'ping', payload: { at: 1 } });
  await alice.expectMessage({ type: 'pong', payload: { at: 1 } });
  alice.send({ type: 'connection_init' });
  await alice.expectClose(4429);
});

forEachProtocol((protocol) =>
  describe(`mercurius's server keeps the rules (${protocol})`, () => {
    test('while it answers, and when operations are stopped', async () => {
      await using alice = await talk(await mercuriusApp(), protocol);

      const forever = await alice.subscribe('subscription { forever }');
      await forever.expectNext({ forever: 0 });
      forever.stop();
      await alice.fence();

      expect(await alice.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    });

    test('but for the second ack, and errors for ids that never ran', async () => {
      await using alice = await connect(await mercuriusApp(), { protocol });

      alice.send({ type: 'connection_init' });
      await expect(alice.receive()).rejects.toThrow(
        'connection_ack answers connection_init, once, but line 4 is a second one after line 2',
      );

      alice.sendRaw('nothing');
      await expect(alice.receive()).resolves.toEqual({ type: 'connection_ack' });
      expect(await alice.receive()).toMatchObject({ type: 'error', id: null });
    });
  }),
);
