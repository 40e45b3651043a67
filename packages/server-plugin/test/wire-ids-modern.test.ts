import { defineSubscription } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { messageFrame, RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeModern } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String, hang: String }
  type Mutation { hang: String }
  type Subscription { onText(room: String): String, hang: String }
`;

const onText = defineSubscription({
  subscribe: (_root, args: { room?: string }) => args.room,
  publish: (text: string) => text,
});

/** The parts of an app whose fields `hang` until the test lets them go. */
function hangingApp() {
  const gate = createGate<string>();
  const hang = defineSubscription({ subscribe: () => gate.arrive() });
  const resolvers = {
    Query: { hello: () => 'world', hang: () => gate.arrive() },
    Mutation: { hang: () => gate.arrive() },
    Subscription: { onText, hang },
  };
  return { gate, parts: { typeDefs, resolvers } };
}

describeModern('an id in use', (wire) => {
  test.each(['query', 'mutation', 'subscription'])(
    'T17 the id of a %s that is still at work is closed with 4409',
    async (kind) => {
      const { gate, parts } = hangingApp();
      const { connect } = await startApp(wire, parts);
      const client = await connect();
      client.start(`${kind} { hang }`, { id: 'busy' });
      await gate.arrived();

      client.send({ id: 'busy', type: 'subscribe', payload: { query: '{ hello }' } });

      await client.expectClose(4409, 'Subscriber for busy already exists');
      gate.open('late');
      expect(client.transcript()).not.toMatch(/← .*"busy"/);
    },
  );

  test('T17 the id of a live subscription is closed with 4409', async () => {
    const { connect } = await startApp(wire, hangingApp().parts);
    const client = await connect();
    await client.subscribe('subscription { onText }', { id: 'live' });

    client.send({ id: 'live', type: 'subscribe', payload: { query: '{ hello }' } });

    await client.expectClose(4409, 'Subscriber for live already exists');
  });

  test('T17 the id of an operation whose onOperation is pending is closed with 4409', async () => {
    const gate = createGate();
    const { connect } = await startApp(wire, {
      ...hangingApp().parts,
      onOperation: () => gate.arrive(),
    });
    const client = await connect();
    client.start('{ hello }', { id: 'preparing' });
    await gate.arrived();

    client.send({ id: 'preparing', type: 'subscribe', payload: { query: '{ hello }' } });

    await client.expectClose(4409, 'Subscriber for preparing already exists');
    gate.open();
  });

  test('T17 two messages of one id in one segment are closed with 4409', async () => {
    const { app } = await startApp(wire, {
      ...hangingApp().parts,
      onOperation: async () => undefined,
    });
    const client = await RawClient.dial(app, wire.transport);
    const start = messageFrame({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } });
    client.write(
      upgradeRequest({ protocol: wire.protocol }),
      messageFrame({ type: 'connection_init' }),
    );
    expect(await client.message()).toEqual({ type: 'connection_ack' });

    client.write(start, start);

    expect(await client.close()).toEqual({
      code: 4409,
      reason: 'Subscriber for 1 already exists',
    });
  });
});

describeModern('an id that was in use', (wire) => {
  test('T18 can be used again after a result, an error and a complete', async () => {
    const { connect } = await startApp(wire, hangingApp().parts);
    const client = await connect();

    expect(await client.query('{ hello }', { id: '1' })).toEqual({ data: { hello: 'world' } });
    await client.start('{ nothing }', { id: '1' }).expectError('nothing');
    const live = await client.subscribe('subscription { onText }', { id: '1' });
    live.stop();
    expect(await client.query('{ hello }', { id: '1' })).toEqual({ data: { hello: 'world' } });

    await client.expectSilence();
  });

  test('T18 complete and a new subscribe may stand in one segment: the old groups are left in that tick', async () => {
    const { app } = await startApp(wire, hangingApp().parts);
    const client = await RawClient.dial(app, wire.transport);
    const subscribeTo = (room: string): Buffer =>
      messageFrame({
        id: '1',
        type: 'subscribe',
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

    client.write(messageFrame({ id: '1', type: 'complete' }), subscribeTo('new'));
    expect(await client.message()).toMatchObject({ id: '1', payload: { data: null } });
    await app.broadcast(onText, { group: 'old', payload: 'for the old one' });
    await app.broadcast(onText, { group: 'new', payload: 'for the new one' });

    expect(await client.message()).toEqual({
      id: '1',
      type: 'next',
      payload: { data: { onText: 'for the new one' } },
    });
    // The groups of the old one are gone: one of the field, one of its room.
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 1, groups: 2, members: 2 });
  });

  test.each(['query', 'mutation', 'subscription'])(
    'T18 what still runs of a completed %s never speaks under the id of the new one',
    async (kind) => {
      const { gate, parts } = hangingApp();
      const { app, connect } = await startApp(wire, parts);
      const client = await connect();
      client.start(`${kind} { hang }`, { id: '1' }).stop();
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

describeModern('ids of all kinds', (wire) => {
  test('T19 the same id on two connections means two operations', async () => {
    const { app, connect } = await startApp(wire, hangingApp().parts);
    const alice = await connect();
    const bob = await connect();
    const ofAlice = await alice.subscribe('subscription { onText(room: "a") }', { id: '1' });
    const ofBob = await bob.subscribe('subscription { onText(room: "b") }', { id: '1' });

    ofAlice.stop();
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
  ])('T19 an id that is $name works: query, subscription, complete, use again', async ({ id }) => {
    const { app, connect } = await startApp(wire, hangingApp().parts);
    const client = await connect();

    expect(await client.query('{ hello }', { id })).toEqual({ data: { hello: 'world' } });
    const live = await client.subscribe('subscription { onText }', { id });
    await app.broadcast(onText, { payload: 'hi' });
    await live.expectNext({ onText: 'hi' });
    live.stop();
    await live.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0 });
    expect(await client.query('{ hello }', { id })).toEqual({ data: { hello: 'world' } });
  });

  test('T19 a subscription under one odd id hides none of the others', async () => {
    const { connect } = await startApp(wire, hangingApp().parts);
    const client = await connect();
    await client.subscribe('subscription { onText }', { id: '__proto__' });

    expect(await client.query('{ hello }', { id: 'constructor' })).toEqual({
      data: { hello: 'world' },
    });
    client.send({ id: 'toString', type: 'complete' });
    client.send({ id: '__proto__', type: 'subscribe', payload: { query: '{ hello }' } });

    await client.expectClose(4409, 'Subscriber for __proto__ already exists');
  });
});

describeModern('complete of a client', (wire) => {
  test('T31 for an unknown or ended id is ignored, also before init', async () => {
    const { connect } = await startApp(wire, hangingApp().parts);
    const client = await connect({ init: false });

    client.send({ id: 'unknown', type: 'complete' });
    client.send({ type: 'connection_init' });
    await client.expectMessage({ type: 'connection_ack' });
    client.send({ id: 'toString', type: 'complete' });
    await client.query('{ hello }', { id: 'ended' });
    client.send({ id: 'ended', type: 'complete' });

    await client.expectSilence();
    expect(await client.query('{ hello }', { id: 'ended' })).toEqual({ data: { hello: 'world' } });
  });

  test.each([
    { id: undefined },
    { id: '' },
    { id: null },
    { id: 7 },
    { id: ['1'] },
    { id: { id: '1' } },
  ])('T31 with the id $id is closed with 4400', async ({ id }) => {
    const { connect } = await startApp(wire, hangingApp().parts);
    const client = await connect();

    client.send({ id, type: 'complete' });

    await client.expectClose(4400, /"id" of "complete" must be a non-empty string/);
  });
});
