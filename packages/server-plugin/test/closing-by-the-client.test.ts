import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { messageFrame, Opcode, RawClient, rawFrame, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String }
  type Message { text: String }
  type Subscription { onMessage: Message }
`;

describeBoth('a close frame of the client', (wire) => {
  test('T37 ends everything at once, though the client keeps the line open', async () => {
    const ended: unknown[] = [];
    const told = createGate();
    const subscribed = createGate();
    const onMessage = defineSubscription({
      subscribe: () => {
        void subscribed.arrive();
        return 'all';
      },
      unsubscribed: (reason) => {
        ended.push(reason);
        void told.arrive();
      },
    });
    const { app } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      closeTimeoutMs: 60_000,
      keepAlive: false,
    });
    const client = await RawClient.dial(app, wire.transport);
    client.write(
      upgradeRequest({ protocol: wire.protocol }),
      messageFrame({ type: 'connection_init' }),
    );
    await client.message();
    client.write(
      messageFrame({
        id: '1',
        type: wire.protocol === 'graphql-ws' ? 'start' : 'subscribe',
        payload: { query: 'subscription { onMessage { text } }' },
      }),
    );
    await subscribed.arrived();
    await app.graphqlWs.settled();
    // 4001 as the two bytes of a close frame's code.
    client.write(rawFrame(Opcode.CLOSE, Buffer.from([0x0f, 0xa1])));
    await told.arrived();

    expect(ended).toEqual(['disconnect']);
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0 });
    client.destroy();
  });

  test('T37 a frame that breaks the rules of WebSocket is told to onDisconnect by its code', async () => {
    const codes = createGate<number>();
    const seen: number[] = [];
    const { app } = await startApp(wire, {
      typeDefs,
      resolvers: {},
      onDisconnect: (_connection, code) => {
        seen.push(code);
        codes.open(code);
      },
    });
    const client = await RawClient.dial(app, wire.transport);
    client.write(
      upgradeRequest({ protocol: wire.protocol }),
      messageFrame({ type: 'connection_init' }),
    );
    await client.message();
    client.write(rawFrame(Opcode.TEXT, Buffer.from([0xff, 0xff])));
    expect((await client.next()).payload.readUInt16BE(0)).toBe(1007);
    client.destroy();

    expect(await codes.passed).toBe(1007);
    expect(seen).toEqual([1007]);
  });
});

test('injectWS() of @fastify/websocket, which has no stream underneath, works too', async () => {
  const app = Fastify();
  await app.register(groupcast, {
    schema: makeExecutableSchema({ typeDefs, resolvers: { Query: { hello: () => 'world' } } }),
    drainMs: 0,
    closeTimeoutMs: 20,
  });
  await app.ready();
  const received: string[] = [];
  const answered = createGate();
  const socket = await app.injectWS(
    '/graphql',
    { headers: { 'sec-websocket-protocol': 'graphql-transport-ws' } },
    {
      onInit: (ws) =>
        ws.on('message', (data) => {
          received.push(data.toString());
          void answered.arrive();
        }),
    },
  );
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await answered.arrived(1);
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } }));
  await answered.arrived(3);
  socket.terminate();
  await app.close();

  expect(received.map((text) => JSON.parse(text).type)).toEqual([
    'connection_ack',
    'next',
    'complete',
  ]);
});
