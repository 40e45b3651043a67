import { describe, expect, test } from 'vitest';
import { ClientError, GraphQLResponseError } from '../../src/index.ts';
import { pairings, startServer } from '../stage/stage.ts';
import { clientOf, rejection } from './support/staged-client.ts';

describe.each(pairings)('%s over %s', (kind, protocol) => {
  test('a query resolves with its data', async () => {
    const client = clientOf(await startServer(kind), protocol);

    expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
  });

  test('variables go with the document', async () => {
    const client = clientOf(await startServer(kind), protocol);
    const document = 'query Echo($value: String!) { echo(value: $value) }';

    const data = await client.query(document, { value: 'a "b" \u2028 猫' });

    expect(data).toEqual({ echo: 'a "b" \u2028 猫' });
  });

  test('one of several operations is chosen by its name', async () => {
    const client = clientOf(await startServer(kind), protocol);
    const document = 'query A { hello } mutation B { increment(key: "k") } query C { count }';

    expect(await client.query(document, {}, { operationName: 'A' })).toEqual({ hello: 'world' });
    expect(await client.mutate(document, {}, { operationName: 'B' })).toEqual({ increment: 1 });
    expect(await client.query(document, {}, { operationName: 'C' })).toEqual({ count: 1 });
  });

  test('many requests at a time are answered each with its own result', async () => {
    const client = clientOf(await startServer(kind), protocol);
    const values = Array.from({ length: 50 }, (_, index) => `v${index}`);

    const answers = await Promise.all(
      values.map((value) =>
        client.query('query ($value: String!) { echo(value: $value) }', { value }),
      ),
    );

    expect(answers).toEqual(values.map((value) => ({ echo: value })));
  });

  test('a result with errors rejects with them, and with the data beside', async () => {
    const client = clientOf(await startServer(kind), protocol);

    const error = await rejection(client.query('{ hello fail }'));

    expect(error).toBeInstanceOf(GraphQLResponseError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'GraphQLResponseError',
      code: 'GRAPHQL_RESPONSE',
      message: 'This field always fails',
      retryable: false,
      data: { hello: 'world', fail: null },
      errors: [
        { message: 'This field always fails', path: ['fail'], extensions: { code: 'ALWAYS' } },
      ],
    });
  });

  test('a document that is not valid rejects, and the connection lives', async () => {
    const client = clientOf(await startServer(kind), protocol);

    const error = await rejection(client.query('{ nothing }'));

    expect(error).toMatchObject({ code: 'GRAPHQL_RESPONSE', data: undefined });
    expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
  });

  test('a document with a syntax error rejects, and the next query is answered', async () => {
    const client = clientOf(await startServer(kind), protocol);

    // The server of graphql-ws closes the connection for it.
    const code = kind === 'graphql-ws' ? 'CONNECTION_LOST' : 'GRAPHQL_RESPONSE';

    expect(await rejection(client.query('{ hello '))).toMatchObject({ code });
    expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
  });

  test('execute() gives data, errors and extensions as they came', async () => {
    const client = clientOf(await startServer(kind), protocol);

    expect(await client.execute('{ hello fail }')).toMatchObject({
      data: { hello: 'world', fail: null },
      errors: [{ message: 'This field always fails' }],
    });
    expect(await client.execute('mutation { increment(key: "k") }')).toEqual({
      data: { increment: 1 },
    });
  });

  test('an aborted query rejects at once, and the connection lives', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol);
    const abort = new AbortController();
    const slow = client.query('{ slow(key: "s") }', {}, { signal: abort.signal });
    const rejected = rejection(slow);
    await server.awaitExecutions('s', 1);

    abort.abort(new Error('Enough'));

    expect(await rejected).toMatchObject({ code: 'ABORTED', cause: new Error('Enough') });
    expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
    await server.release('s');
  });
});

test('what an aborted query asked for is cancelled on the server', async () => {
  const server = await startServer();
  const client = clientOf(server);
  const abort = new AbortController();
  const rejected = rejection(client.query('{ slow(key: "s") }', {}, { signal: abort.signal }));
  await server.awaitExecutions('s', 1);

  abort.abort();

  await server.awaitOperations(0);
  expect(await rejected).toBeInstanceOf(ClientError);
});

test('a signal that has fired already sends nothing, and dials nobody', async () => {
  const server = await startServer();
  const client = clientOf(server);

  const error = await rejection(client.query('{ hello }', {}, { signal: AbortSignal.abort() }));

  expect(error).toMatchObject({ code: 'ABORTED' });
  expect(client.status).toEqual({ name: 'idle' });
  expect(await server.dials()).toEqual([]);
});

test.each([
  ['query', 'mutation { increment(key: "k") }', 'Expected a query, got a mutation'],
  ['mutate', '{ hello }', 'Expected a mutation, got a query'],
  [
    'execute',
    'subscription { countdown(from: 1) }',
    'Expected a query or mutation, got a subscription',
  ],
] as const)('%s() refuses a document of another kind', async (method, document, message) => {
  const server = await startServer();
  const client = clientOf(server);

  const error = await rejection(client[method](document));

  expect(error).toMatchObject({ code: 'DOCUMENT_INVALID', message });
  expect(await server.dials()).toEqual([]);
});

test('subscribe() refuses a mutation: it would run again after each reconnect', async () => {
  const client = clientOf(await startServer());

  const subscribe = (): unknown => client.subscribe('mutation { increment(key: "k") }');

  expect(subscribe).toThrow(ClientError);
  expect(subscribe).toThrow('Expected a subscription, got a mutation');
});

test('variables that JSON can not carry reject their operation only', async () => {
  const client = clientOf(await startServer());
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const document = 'query ($value: String!) { echo(value: $value) }';

  expect(await rejection(client.query(document, circle))).toMatchObject({
    code: 'VARIABLES_INVALID',
  });
  expect(await rejection(client.query(document, { value: 1n }))).toMatchObject({
    code: 'VARIABLES_INVALID',
  });
  expect(await client.query(document, { value: 'a' })).toEqual({ echo: 'a' });
});
