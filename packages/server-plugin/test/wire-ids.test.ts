import { LEGACY } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { hangingApp, onText } from './support/hanging-app.ts';
import { messageFrame, RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { stop } from './support/stop.ts';
import { describeBoth } from './support/wires.ts';

describeBoth('an id that was in use', (wire) => {
  test('T18 can be used again after a result, an error and a complete', async () => {
    const { connect } = await startApp(wire, hangingApp().parts);
    const client = await connect();

    expect(await client.query('{ hello }', { id: '1' })).toEqual({ data: { hello: 'world' } });
    await client.start('{ nothing }', { id: '1' }).expectError('nothing');
    const live = await client.subscribe('subscription { onText }', { id: '1' });
    await stop(live, wire);
    expect(await client.query('{ hello }', { id: '1' })).toEqual({ data: { hello: 'world' } });

    await client.expectSilence();
  });

  test('T18 a stop and a new start may stand in one segment: the old groups are left in that tick', async () => {
    const { app } = await startApp(wire, hangingApp().parts);
    const client = await RawClient.dial(app, wire.transport);
    const subscribeTo = (room: string): Buffer =>
      messageFrame({
        id: '1',
        type: wire.protocol === LEGACY ? 'start' : 'subscribe',
        payload: {
          query: 'subscription ($room: String) { onText(room: $room) }',
          variables: { room },
          extensions: { groupcast: { v: 1, confirm: true } },
        },
      });
    client.write(
      upgradeRequest({ protocol: wire.protocol }),
      messageFrame({ type: 'connection_init' }),
    );
    await client.message();
    client.write(subscribeTo('old'));
    expect(await client.message()).toMatchObject({ id: '1', payload: { data: null } });

    const stopped = { id: '1', type: wire.protocol === LEGACY ? 'stop' : 'complete' };
    client.write(messageFrame(stopped), subscribeTo('new'));
    if (wire.protocol === LEGACY) {
      expect(await client.message()).toEqual({ id: '1', type: 'complete' });
    }
    expect(await client.message()).toMatchObject({ id: '1', payload: { data: null } });
    await app.broadcast(onText, { group: 'old', payload: 'for the old one' });
    await app.broadcast(onText, { group: 'new', payload: 'for the new one' });

    expect(await client.message()).toEqual({
      id: '1',
      type: wire.protocol === LEGACY ? 'data' : 'next',
      payload: { data: { onText: 'for the new one' } },
    });
    // The groups of the old one are gone: one of the field, one of its room.
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 1, groups: 2, members: 2 });
  });

  test.each(['query', 'mutation', 'subscription'])(
    'T18 what still runs of a stopped %s never speaks under the id of the new one',
    async (kind) => {
      const { gate, parts } = hangingApp();
      const { app, connect } = await startApp(wire, parts);
      const client = await connect();
      await stop(client.start(`${kind} { hang }`, { id: '1' }), wire);
      await gate.arrived();

      const live = await client.subscribe('subscription { onText }', { id: '1' });
      gate.open('of the old one');
      await app.graphqlWs.settled();
      await live.expectSilence();
      await app.broadcast(onText, { payload: 'of the new one' });

      await live.expectNext({ onText: 'of the new one' });
      expect(app.graphqlWs.stats()).toMatchObject({ operations: 1, members: 1 });
    },
  );
});

describeBoth('ids of all kinds', (wire) => {
  test('T19 the same id on two connections means two operations', async () => {
    const { app, connect } = await startApp(wire, hangingApp().parts);
    const alice = await connect();
    const bob = await connect();
    const ofAlice = await alice.subscribe('subscription { onText(room: "a") }', { id: '1' });
    const ofBob = await bob.subscribe('subscription { onText(room: "b") }', { id: '1' });

    await stop(ofAlice, wire);
    await alice.fence();
    await app.broadcast(onText, { payload: 'to all' });

    await ofBob.expectNext({ onText: 'to all' });
    await ofAlice.expectSilence();
  });

  test.each([
    { name: '__proto__', id: '__proto__' },
    { name: 'constructor', id: 'constructor' },
    { name: 'toString', id: 'toString' },
    { name: 'hasOwnProperty', id: 'hasOwnProperty' },
    { name: 'a blank', id: ' ' },
    { name: 'a NUL and quotes', id: '\u0000"\\' },
    { name: 'an emoji', id: '🐈' },
    { name: 'of 100 kB', id: 'x'.repeat(100_000) },
  ])('T19 an id that is $name works: query, subscription, stop, use again', async ({ id }) => {
    const { app, connect } = await startApp(wire, hangingApp().parts);
    const client = await connect();

    expect(await client.query('{ hello }', { id })).toEqual({ data: { hello: 'world' } });
    const live = await client.subscribe('subscription { onText }', { id });
    await app.broadcast(onText, { payload: 'hi' });
    await live.expectNext({ onText: 'hi' });
    await stop(live, wire);
    await live.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0 });
    expect(await client.query('{ hello }', { id })).toEqual({ data: { hello: 'world' } });
  });
});
