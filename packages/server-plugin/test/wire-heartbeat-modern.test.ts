import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { startApp } from './support/start-app.ts';
import { describeModern } from './support/wires.ts';

const typeDefs = 'type Query { hello: String }';

describeModern('ping and pong messages', (wire) => {
  test('T12 a ping is answered by one pong before init, while it is checked, and after', async () => {
    const gate = createGate();
    const { connect } = await startApp(wire, { typeDefs, onConnect: () => gate.arrive() });
    const client = await connect({ init: false });

    client.send({ type: 'ping' });
    await client.expectMessage({ type: 'pong' });
    client.send({ type: 'connection_init' });
    await gate.arrived();
    client.send({ type: 'ping' });
    await client.expectMessage({ type: 'pong' });
    gate.open();
    await client.expectMessage({ type: 'connection_ack' });
    client.send({ type: 'ping' });
    await client.expectMessage({ type: 'pong' });

    await client.expectSilence();
  });

  test.each([{ payload: { at: 1, deep: [{ a: null }] } }, { payload: {} }, { payload: null }])(
    'T12 the pong copies the payload $payload',
    async ({ payload }) => {
      const { connect } = await startApp(wire, { typeDefs });
      const client = await connect();

      client.send({ type: 'ping', payload });

      await client.expectMessage({ type: 'pong', payload });
      await client.expectSilence();
    },
  );

  test('T12 each of many pings has its pong, in order', async () => {
    const { connect } = await startApp(wire, { typeDefs });
    const client = await connect();
    const payloads = Array.from({ length: 100 }, (_, count) => ({ count }));

    for (const payload of payloads) client.send({ type: 'ping', payload });

    for (const payload of payloads) await client.expectMessage({ type: 'pong', payload });
    await client.expectSilence();
  });

  test('T13 a pong is not answered, at no time', async () => {
    const { connect } = await startApp(wire, { typeDefs });
    const client = await connect({ init: false });

    client.send({ type: 'pong' });
    client.send({ type: 'pong', payload: null });
    client.send({ type: 'connection_init' });
    client.send({ type: 'pong', payload: { at: 1 } });

    await client.expectMessage({ type: 'connection_ack' });
    await client.expectSilence();
  });

  test.each([
    { type: 'ping', payload: 'now' },
    { type: 'ping', payload: [] },
    { type: 'ping', payload: false },
    { type: 'pong', payload: 'now' },
    { type: 'pong', payload: [{}] },
    { type: 'pong', payload: 0 },
  ])('T15 a $type with the payload $payload is closed with 4400', async ({ type, payload }) => {
    const { connect } = await startApp(wire, { typeDefs });
    const client = await connect();

    client.send({ type, payload });

    await client.expectClose(4400, new RegExp(`"payload" of "${type}"`));
    await expect(client.receive()).rejects.toThrow();
  });
});
