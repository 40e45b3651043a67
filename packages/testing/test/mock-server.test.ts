import {
  type MockHandlers,
  type MockServer,
  type MockServerOptions,
  mockServer,
} from '@groupcast/testing';
import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';

/** A server that is closed after the clients that are made later. */
async function start(handlers?: MockHandlers, options?: MockServerOptions): Promise<MockServer> {
  const server = await mockServer(handlers, options);
  onTestFinished(() => server.close());
  return server;
}

/** The client of the npm package graphql-ws, over a real port. */
function clientOf(server: MockServer, options: Partial<ClientOptions> = {}): Client {
  const client = createClient({
    url: server.url,
    webSocketImpl: WebSocket,
    retryAttempts: 10,
    retryWait: async () => {},
    ...options,
  });
  onTestFinished(() => client.dispose());
  return client;
}

/** Runs a query or mutation; rejects with the errors of an `error` message. */
async function run(client: Client, query: string, variables: Record<string, unknown> = {}) {
  for await (const result of client.iterate({ query, variables })) return result;
  throw new Error('There was no result');
}

const ON_MESSAGE = 'subscription OnMessage($room: String) { onMessage(room: $room) { text } }';

test('a query is answered by the name of its operation', async () => {
  const server = await start({ Hello: { data: { hello: 'world' } } });
  const client = clientOf(server);

  expect(await run(client, 'query Hello { hello }')).toEqual({ data: { hello: 'world' } });
});

test('an operation without a name goes by its first field', async () => {
  const server = await start({ hello: { data: { hello: 'world' } } });
  const client = clientOf(server);

  expect(await run(client, '{ hello }')).toEqual({ data: { hello: 'world' } });
});

test('a handler computes the answer, at once or later', async () => {
  const server = await start({
    Now: ({ variables }) => ({ data: { now: variables['text'] } }),
    Later: async ({ variables }) => ({ data: { later: variables['text'] } }),
  });
  const client = clientOf(server);

  expect(await run(client, 'mutation Now { now }', { text: 'a' })).toEqual({ data: { now: 'a' } });
  expect(await run(client, 'mutation Later { later }', { text: 'b' })).toEqual({
    data: { later: 'b' },
  });
});

test('what a handler throws becomes the error of the operation', async () => {
  const server = await start({
    Plain: () => {
      throw new Error('Not now');
    },
    Coded: async () => {
      const error = Object.assign(new Error('Not you'), { extensions: { code: 'FORBIDDEN' } });
      throw Object.assign(error, { name: 'GraphQLError' });
    },
  });
  const client = clientOf(server);

  await expect(run(client, 'query Plain { a }')).rejects.toEqual([{ message: 'Not now' }]);
  await expect(run(client, 'query Coded { a }')).rejects.toEqual([
    { message: 'Not you', extensions: { code: 'FORBIDDEN' } },
  ]);
});

test('a result may carry errors beside its data', async () => {
  const result = { data: { a: null }, errors: [{ message: 'no a', path: ['a'] }] };
  const server = await start({ A: result });

  expect(await run(clientOf(server), 'query A { a }')).toEqual(result);
});

test('what no handler answers is an error that names the handlers', async () => {
  const server = await start({ Hello: { data: {} }, OnMessage: () => {} });
  const bare = await start();

  await expect(run(clientOf(server), 'mutation Send { send }')).rejects.toMatchInlineSnapshot(`
    [
      {
        "message": "The mock server has no handler for mutation "Send"; there are some for "Hello", "OnMessage"",
      },
    ]
  `);
  await expect(run(clientOf(bare), '')).rejects.toMatchInlineSnapshot(`
    [
      {
        "message": "The mock server has no handler for query without a name; there are none at all",
      },
    ]
  `);
});

test('handlers can be added and replaced while the server runs', async () => {
  const server = await start({ A: { data: { a: 1 } } });
  const client = clientOf(server);

  server.handle({ A: { data: { a: 2 } }, B: { data: { b: 3 } } });

  expect(await run(client, 'query A { a }')).toEqual({ data: { a: 2 } });
  expect(await run(client, 'query B { b }')).toEqual({ data: { b: 3 } });
});

test('the test takes a subscription, looks at it, pushes results and ends it', async () => {
  const server = await start();
  const results = clientOf(server).iterate({ query: ON_MESSAGE, variables: { room: 'kittens' } });
  const first = results.next();

  const operation = await server.operation('OnMessage');
  expect(operation.kind).toBe('subscription');
  expect(operation.variables).toEqual({ room: 'kittens' });
  expect(operation.query).toBe(ON_MESSAGE);
  expect(server.operations).toEqual([operation]);
  operation.next({ onMessage: { text: 'hi' } });
  operation.result({ data: null, errors: [{ message: 'lost one' }] });
  operation.complete();

  expect(await first).toEqual({ done: false, value: { data: { onMessage: { text: 'hi' } } } });
  expect(await results.next()).toEqual({
    done: false,
    value: { data: null, errors: [{ message: 'lost one' }] },
  });
  expect(await results.next()).toEqual({ done: true, value: undefined });
  expect(server.operations).toEqual([]);
});

test('the test fails a subscription', async () => {
  const server = await start();
  const first = clientOf(server).iterate({ query: ON_MESSAGE }).next();

  (await server.operation('OnMessage')).error([{ message: 'no' }]);

  await expect(first).rejects.toEqual([{ message: 'no' }]);
});

test("a subscription's handler gives its first event, and it runs on", async () => {
  const server = await start({ OnMessage: { data: { onMessage: { text: 'first' } } } });
  const results = clientOf(server).iterate({ query: ON_MESSAGE });

  expect((await results.next()).value).toEqual({ data: { onMessage: { text: 'first' } } });
  (await server.operation('OnMessage')).next({ onMessage: { text: 'second' } });
  expect((await results.next()).value).toEqual({ data: { onMessage: { text: 'second' } } });
});

test('the test answers a query itself when it waits for it, or when the handler gives nothing', async () => {
  const server = await start({ Held: () => {} });
  const client = clientOf(server);

  const awaited = run(client, 'query Awaited { a }');
  (await server.operation('Awaited')).next({ a: 1 });
  expect(await awaited).toEqual({ data: { a: 1 } });

  const held = run(client, 'query Held { a }');
  await vi.waitFor(() => expect(server.operations).toHaveLength(1));
  const operation = await server.operation('Held');
  operation.next({ a: 2 });
  expect(await held).toEqual({ data: { a: 2 } });
  expect(operation.isRunning).toBe(false);
});

test('operations are taken one by one, in their order, answered ones too', async () => {
  const server = await start({ A: ({ variables }) => ({ data: variables }) });
  const client = clientOf(server);
  await run(client, 'query A { a }', { a: 1 });
  await run(client, 'query A { a }', { a: 2 });

  expect((await server.operation()).variables).toEqual({ a: 1 });
  expect((await server.operation('A')).variables).toEqual({ a: 2 });
  expect(server.received('A').map(({ variables }) => variables)).toEqual([{ a: 1 }, { a: 2 }]);
  expect(server.received('B')).toEqual([]);
});

test('a subscription that was left and begun again is taken with its last beginning', async () => {
  const server = await start();
  const client = clientOf(server);
  const sink = { next: () => {}, error: () => {}, complete: () => {} };
  client.subscribe({ query: 'subscription Other { other }' }, sink);
  await server.operation('Other');

  // As a component does that is mounted twice in strict mode.
  client.subscribe({ query: ON_MESSAGE, variables: { mount: 1 } }, sink)();
  client.subscribe({ query: ON_MESSAGE, variables: { mount: 2 } }, sink);

  expect((await server.operation('OnMessage')).variables).toEqual({ mount: 2 });
});

test('expectStop() waits until the client has unsubscribed', async () => {
  const server = await start();
  const sink = { next: () => {}, error: () => {}, complete: () => {} };
  const unsubscribe = clientOf(server).subscribe({ query: ON_MESSAGE }, sink);
  const operation = await server.operation('OnMessage');

  unsubscribe();

  await operation.expectStop();
  await server.expectNone();
});

test('expectStop() counts a client that leaves with its connection', async () => {
  const server = await start();
  const client = clientOf(server, { retryAttempts: 0 });
  const ended = client
    .iterate({ query: ON_MESSAGE })
    .next()
    .catch(() => 'ended');
  const operation = await server.operation('OnMessage');

  client.terminate();

  await operation.expectStop();
  expect(await ended).toBe('ended');
});

test('expectNone() waits until operations of a name, or all, have ended', async () => {
  const server = await start();
  const client = clientOf(server);
  const sink = { next: () => {}, error: () => {}, complete: () => {} };
  const stop = client.subscribe({ query: ON_MESSAGE }, sink);
  await server.operation('OnMessage');

  await server.expectNone('Other');
  const none = server.expectNone();
  stop();

  await none;
});

test('a connection shows its parameters, its path and its headers', async () => {
  const server = await start();
  const client = clientOf(server, {
    url: `${server.url}?token=1`,
    connectionParams: { token: 'alice' },
    lazy: false,
  });

  const connection = await server.connection();

  expect(connection.params).toEqual({ token: 'alice' });
  expect(connection.path).toBe('/graphql?token=1');
  expect(connection.headers['upgrade']).toBe('websocket');
  expect(connection.protocol).toBe('graphql-transport-ws');
  expect(server.connections).toEqual([connection]);
  client.dispose();
  await connection.expectClose(1000);
  expect(server.connections).toEqual([]);
});

test('in memory a client needs no port, whatever its URL, also in place of the global WebSocket', async () => {
  const server = await start({ Hello: { data: { hello: 'world' } } });
  vi.stubGlobal('WebSocket', server.WebSocket);
  onTestFinished(() => void vi.unstubAllGlobals());
  const url = 'wss://example.org/graphql';
  const client = clientOf(server, { url, webSocketImpl: undefined });

  expect(await run(client, 'query Hello { hello }')).toEqual({ data: { hello: 'world' } });
});

test('onConnect() chooses the payload of the ack, or refuses', async () => {
  const server = await start(
    { Hello: { data: { hello: 'world' } } },
    {
      onConnect: async ({ params }) => {
        if (params?.['token'] === undefined) return false;
        if (params['token'] !== 'good') throw new Error('A bad token');
        return { hello: 'you' };
      },
    },
  );
  const said: unknown[] = [];
  const closes = async (connectionParams: Record<string, unknown>) => {
    const client = clientOf(server, { connectionParams, retryAttempts: 0 });
    client.on('connected', (_socket, ack) => said.push(ack));
    await run(client, 'query Hello { hello }').catch(({ code, reason }) => said.push(code, reason));
  };

  await closes({ token: 'good' });
  await closes({ token: 'bad' });
  await closes({});

  expect(said).toEqual([{ hello: 'you' }, 4403, 'A bad token', 4403, 'Forbidden']);
});
