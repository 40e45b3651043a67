import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { hangingApp } from './support/hanging-app.ts';
import { messageFrame, RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeModern } from './support/wires.ts';

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
      expect(client.transcript()).not.toMatch(/← .*op1/);
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

describeModern('ids of all kinds', (wire) => {
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
