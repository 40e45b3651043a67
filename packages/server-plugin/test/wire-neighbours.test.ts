import websocket, { type WebsocketPluginOptions } from '@fastify/websocket';
import { LEGACY, MODERN, SUBPROTOCOLS } from '@groupcast/protocol';
import { connect as connectTo, type TestConnection } from '@groupcast/testing';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, type WebSocket as WebSocketType } from 'ws';
import { expectQuiet } from './support/expect-quiet.ts';
import { RawClient } from './support/raw-client.ts';
import { type StartOptions, startApp } from './support/start-app.ts';
import { describeBoth, type Wire } from './support/wires.ts';

const typeDefs = 'type Query { hello: String, long: String } type Subscription { never: Int }';
const resolvers = {
  Query: { hello: () => 'world', long: () => 'x'.repeat(100_000) },
  Subscription: { never: { subscribe: () => forEver } },
};

/** A source that has nothing to say. */
const forEver: AsyncIterableIterator<never> = {
  [Symbol.asyncIterator]: () => forEver,
  next: () => new Promise(() => undefined),
  return: async () => ({ done: true, value: undefined }),
};

/** Another websocket route of the app: says which subprotocol it has, then repeats what it hears. */
function addEcho(app: FastifyInstance, path: string): void {
  app.get(path, { websocket: true }, (socket: WebSocketType) => {
    socket.send(JSON.stringify({ protocol: socket.protocol }));
    socket.on('message', (data) => socket.send(data.toString()));
  });
}

/** An app that has @fastify/websocket already when the plugin comes. */
function startWithOwnWebsocket(
  wire: Wire,
  ownOptions: NonNullable<WebsocketPluginOptions['options']>,
  options: StartOptions = {},
) {
  return startApp(wire, {
    typeDefs,
    resolvers,
    ...options,
    before: async (app) => {
      await app.register(websocket, { options: ownOptions });
      await app.register(async (scope) => addEcho(scope, '/echo'));
    },
  });
}

async function connectEcho(
  app: FastifyInstance,
  wire: Wire,
  protocols: readonly string[],
): Promise<TestConnection> {
  const echo = await connectTo(app, {
    path: '/echo',
    transport: wire.transport,
    protocols,
    init: false,
  });
  onTestFinished(() => echo.terminate());
  return echo;
}

describeBoth('another websocket route of the app', (wire) => {
  test('N4 on the websocket server of the plugin: it gets the first that is offered, and no option of ours', async () => {
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers,
      allowedOrigins: [],
      limits: { operationsPerConnection: 1 },
      after: (instance) => addEcho(instance, '/echo'),
    });

    const echo = await connectEcho(app, wire, ['soap', MODERN, LEGACY]);
    const client = await connect();

    await echo.expectMessage({ protocol: 'soap' });
    echo.send({ type: 'connection_terminate' });
    await echo.expectMessage({ type: 'connection_terminate' });
    expect(client.protocol).toBe(wire.protocol);
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 1 });
  });

  test('N4 on a websocket server of the app: its own choice holds there, ours on our path', async () => {
    const offers: string[][] = [];
    const { app, connect } = await startWithOwnWebsocket(wire, {
      handleProtocols: (offered) => {
        offers.push([...offered]);
        return [...offered].at(-1) ?? false;
      },
    });

    const echo = await connectEcho(app, wire, [MODERN, 'soap', 'mqtt']);
    const client = await connect({ protocols: ['soap', wire.protocol, 'mqtt'] });

    await echo.expectMessage({ protocol: 'mqtt' });
    expect(client.protocol).toBe(wire.protocol);
    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    expect(offers).toEqual([[MODERN, 'soap', 'mqtt']]);
  });

  test('N4 on a websocket server of the app that refuses all: we choose all the same', async () => {
    const { app, connect } = await startWithOwnWebsocket(wire, { handleProtocols: () => false });

    const echo = await connectEcho(app, wire, [MODERN]);
    const client = await connect();

    await echo.expectMessage({ protocol: '' });
    expect(client.protocol).toBe(wire.protocol);
  });

  test('N4 when the app closes, its clients are closed as @fastify/websocket does, ours with 1012', async () => {
    const { app, connect } = await startWithOwnWebsocket(wire, {});
    const echo = await connectEcho(app, wire, []);
    const client = await connect();
    client.start('subscription { never }');
    await client.fence();

    await app.close();

    await client.expectClose(1012);
    await echo.expectClose(1005);
  });

  test('N4 when the app closes, a dead client of ours holds it up for closeTimeoutMs at most', async () => {
    const { app } = await startWithOwnWebsocket(wire, {}, { closeTimeoutMs: 30 });
    const client = await RawClient.connect(app, wire);
    client.pause();

    await app.close();

    expect(app.graphqlWs.stats()).toMatchObject({ connections: 0, timers: 0 });
  });
});

describeBoth('options that a websocket server of the app decides on', (wire) => {
  /** A query of so many bytes. */
  const queryOf = (bytes: number): string => `{ hello } #${'x'.repeat(bytes - 11)}`;

  test.each([
    { maxPayload: 0, warning: /takes effect only after a message was read whole/ },
    { maxPayload: 50_000, warning: /takes effect only after a message was read whole/ },
    { maxPayload: 500, warning: /cannot take effect/ },
  ])(
    'N4 with its maxPayload $maxPayload the log says so, and the stricter limit holds',
    async ({ maxPayload, warning }) => {
      const { app, connect, log } = await startWithOwnWebsocket(
        wire,
        { maxPayload },
        { limits: { messageBytes: 1_000 } },
      );
      expect(log.filter(({ level }) => level === 'warn')).toEqual([
        expect.objectContaining({
          details: { maxPayload, messageBytes: 1_000 },
          message: expect.stringMatching(warning),
        }),
      ]);
      const client = await connect();

      expect(await client.query(queryOf(300))).toEqual({ data: { hello: 'world' } });
      client.start(queryOf(maxPayload === 500 ? 700 : 1_500));

      await client.expectClose(1009);
      await expectQuiet(app);
    },
  );

  test('N4 with the same maxPayload there is nothing to say', async () => {
    const { log } = await startWithOwnWebsocket(
      wire,
      { maxPayload: 1_000 },
      { limits: { messageBytes: 1_000 } },
    );

    expect(log.filter(({ level }) => level === 'warn')).toEqual([]);
  });
});

test.each(SUBPROTOCOLS)(
  'N4 with the compression of a websocket server of the app, %s loses nothing and keeps its order',
  async (protocol) => {
    const wire: Wire = { protocol, transport: 'socket' };
    const { app } = await startWithOwnWebsocket(wire, { perMessageDeflate: { threshold: 100 } });
    const url = app.listeningOrigin.replace('http', 'ws');
    const client = new WebSocket(`${url}/graphql`, protocol, { perMessageDeflate: true });
    const story: string[] = [];
    client.on('message', (data) => {
      const { id, type, payload } = JSON.parse(data.toString());
      story.push(`${type} ${id ?? ''} ${payload?.data?.long?.length ?? ''}`.trim());
    });
    client.on('pong', (data) => story.push(`pong ${data}`));
    const closed = new Promise<number>((resolve) => client.once('close', resolve));
    await new Promise((resolve) => client.once('open', resolve));
    const isModern = protocol === MODERN;
    const ask = (id: string): void =>
      client.send(
        JSON.stringify({
          id,
          type: isModern ? 'subscribe' : 'start',
          payload: { query: '{ long }' },
        }),
      );

    client.send(JSON.stringify({ type: 'connection_init' }));
    await new Promise((resolve) => client.once('message', resolve));
    ask('1');
    ask('2');
    client.ping('fence');
    ask('3');
    client.send(isModern ? 'no message' : JSON.stringify({ type: 'connection_terminate' }));

    expect(client.extensions).toContain('permessage-deflate');
    expect(await closed).toBe(isModern ? 4400 : 1000);
    const result = isModern ? 'next' : 'data';
    expect(story).toEqual([
      'connection_ack',
      `${result} 1 100000`,
      'complete 1',
      `${result} 2 100000`,
      'complete 2',
      'pong fence',
      `${result} 3 100000`,
      'complete 3',
    ]);
  },
);
