import { LEGACY, MODERN } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { expectQuiet } from './support/expect-quiet.ts';
import { createGate } from './support/gate.ts';
import { messageFrame, RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth, describeModern } from './support/wires.ts';

const hello = {
  typeDefs: 'type Query { hello: String }',
  resolvers: { Query: { hello: () => 'world' } },
};

describeModern('the choice of the subprotocol', (wire) => {
  test.each([
    { offer: [MODERN] },
    { offer: [MODERN, LEGACY] },
    { offer: [LEGACY, MODERN] },
    { offer: ['soap', LEGACY, 'mqtt', MODERN, 'xmpp'] },
  ])('N1 the offer $offer leads to the modern one', async ({ offer }) => {
    const { connect } = await startApp(wire, hello);

    const client = await connect({ protocols: offer });

    expect(client.protocol).toBe(MODERN);
    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
  });

  test.each([{ offer: [LEGACY] }, { offer: ['soap', LEGACY, 'graphql-transport-ws-2'] }])(
    'N2 the offer $offer leads to the legacy one',
    async ({ offer }) => {
      const { connect } = await startApp(wire, hello);

      const client = await connect({ protocols: offer, protocol: LEGACY });

      expect(client.protocol).toBe(LEGACY);
      expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    },
  );

  test.each([{ offer: [] }, { offer: ['soap'] }, { offer: ['GraphQL-WS', 'graphql-ws2'] }])(
    'N3 the offer $offer is accepted without a subprotocol and closed at once with 4406',
    async ({ offer }) => {
      const { app, connect } = await startApp(wire, {
        ...hello,
        onConnect: () => expect.unreachable('nobody is connected'),
      });

      const client = await connect({ protocols: offer, init: false });
      client.send({ type: 'connection_init' });

      await client.expectClose(4406, /graphql-transport-ws.*graphql-ws/);
      expect(client.protocol).toBe('');
      expect(client.transcript()).not.toContain('←');
      await expectQuiet(app);
    },
  );

  test('N3 who does not answer the close with 4406 is cut off', async () => {
    const { app } = await startApp(wire, { ...hello, closeTimeoutMs: 20 });
    const client = await RawClient.dial(app, wire.transport);

    client.write(upgradeRequest({ protocol: 'soap' }));

    expect(await client.close()).toMatchObject({ code: 4406 });
    await client.gone();
    await expectQuiet(app);
  });

  test('N7 a plain GET is answered with 426 and how to connect', async () => {
    const { app } = await startApp(wire, hello);

    const response = await app.inject({ method: 'GET', url: '/graphql' });

    expect(response.statusCode).toBe(426);
    expect(response.headers).toMatchObject({ upgrade: 'websocket' });
    expect(String(response.headers.connection).toLowerCase()).toContain('upgrade');
    expect(response.json()).toMatchObject({
      statusCode: 426,
      message: expect.stringMatching(/WebSocket.*graphql-transport-ws.*graphql-ws/),
    });
  });
});

describeBoth('messages that come early', (wire) => {
  const isModern = wire.protocol === MODERN;
  const init = { type: 'connection_init', payload: { token: 'early' } };
  const results = [
    { type: 'connection_ack' },
    { id: '1', type: isModern ? 'next' : 'data', payload: { data: { hello: 'world' } } },
    { id: '1', type: 'complete' },
  ];

  test('N6 an init in the segment of the upgrade is not lost', async () => {
    const { app } = await startApp(wire, hello);
    const client = await RawClient.dial(app, wire.transport);

    client.write(
      upgradeRequest({ protocol: wire.protocol }),
      messageFrame(init),
      ...(isModern ? [messageFrame({ type: 'ping' })] : []),
    );

    expect(await client.head()).toMatch(/^HTTP\/1\.1 101 /);
    expect(await client.message()).toEqual({ type: 'connection_ack' });
    if (isModern) expect(await client.message()).toEqual({ type: 'pong' });
  });

  test('N6 messages that wait for slow hooks of the upgrade are not lost', async () => {
    const gate = createGate();
    const { app } = await startApp(wire, {
      ...hello,
      before: (instance) => instance.addHook('preHandler', () => gate.arrive()),
    });
    const client = await RawClient.dial(app, wire.transport);

    client.write(upgradeRequest({ protocol: wire.protocol }), messageFrame(init));
    await gate.arrived();
    gate.open();

    expect(await client.message()).toEqual({ type: 'connection_ack' });
    client.write(
      messageFrame({
        id: '1',
        type: isModern ? 'subscribe' : 'start',
        payload: { query: '{ hello }' },
      }),
    );
    expect([await client.message(), await client.message()]).toEqual(results.slice(1));
  });

  test('N6 messages that arrive in pieces while hooks run are not lost', async () => {
    const gate = createGate();
    const { app } = await startApp(wire, {
      ...hello,
      before: (instance) => instance.addHook('onRequest', () => gate.arrive()),
    });
    const client = await RawClient.dial(app, wire.transport);
    const frame = messageFrame(init);

    client.write(upgradeRequest({ protocol: wire.protocol }), frame.subarray(0, 3));
    await gate.arrived();
    client.write(frame.subarray(3));
    gate.open();

    expect(await client.message()).toEqual({ type: 'connection_ack' });
  });
});
