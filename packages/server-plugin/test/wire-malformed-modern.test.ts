import { defineSubscription } from '@groupcast/fastify';
import { GraphQLScalarType } from 'graphql';
import { expect, test } from 'vitest';
import { expectQuiet } from './support/expect-quiet.ts';
import { messageFrame, Opcode, RawClient, rawFrame } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth, describeModern } from './support/wires.ts';

const typeDefs = 'type Query { hello: String }';
const resolvers = { Query: { hello: () => 'world' } };
const query = '{ hello }';

/** An array in an array in an array: `JSON.parse` reads it, `JSON.stringify` runs out of stack. */
const tooDeep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;

describeModern('a subscribe message', (wire) => {
  test.each([
    { field: 'id', message: { payload: { query } } },
    { field: 'id', message: { id: '', payload: { query } } },
    { field: 'id', message: { id: 1, payload: { query } } },
    { field: 'id', message: { id: null, payload: { query } } },
    { field: 'payload', message: { id: '1' } },
    { field: 'payload', message: { id: '1', payload: null } },
    { field: 'payload', message: { id: '1', payload: [query] } },
    { field: 'payload', message: { id: '1', payload: query } },
    { field: 'payload.query', message: { id: '1', payload: {} } },
    { field: 'payload.query', message: { id: '1', payload: { query: null } } },
    { field: 'payload.query', message: { id: '1', payload: { query: { kind: 'Document' } } } },
    { field: 'payload.variables', message: { id: '1', payload: { query, variables: [] } } },
    { field: 'payload.variables', message: { id: '1', payload: { query, variables: '{}' } } },
    { field: 'payload.extensions', message: { id: '1', payload: { query, extensions: [] } } },
    { field: 'payload.extensions', message: { id: '1', payload: { query, extensions: 1 } } },
    {
      field: 'payload.operationName',
      message: { id: '1', payload: { query, operationName: 1 } },
    },
    {
      field: 'payload.operationName',
      message: { id: '1', payload: { query, operationName: {} } },
    },
  ])('T16 with a wrong $field ($message) is closed with 4400', async ({ field, message }) => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    client.send({ type: 'subscribe', ...message });

    await client.expectClose(4400, new RegExp(`^Field "${field}" of "subscribe" must be `));
    await expect(client.receive()).rejects.toThrow('closed');
  });

  test.each([
    { variables: null, extensions: null, operationName: null },
    { variables: {}, extensions: {} },
    {},
  ])('T16 with $variables, $extensions, $operationName is executed', async (optional) => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    client.send({ id: '1', type: 'subscribe', payload: { query, ...optional } });

    await client.expectMessage({ id: '1', type: 'next', payload: { data: { hello: 'world' } } });
    await client.expectMessage({ id: '1', type: 'complete' });
  });

  test('T40 unknown keys are tolerated in every message', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect({ init: false });
    const more = { extra: 1, jsonrpc: '2.0', constructor: null };

    client.send({ type: 'connection_init', id: '0', ...more });
    client.send({ type: 'ping', id: 1, ...more });
    client.send({ type: 'pong', ...more });
    await client.expectMessage({ type: 'connection_ack' });
    await client.expectMessage({ type: 'pong' });
    client.send({ id: 'x', type: 'complete', payload: { query }, ...more });
    client.send({ id: '1', type: 'subscribe', payload: { query, ...more }, ...more });

    await client.expectMessage({ id: '1', type: 'next', payload: { data: { hello: 'world' } } });
    await client.expectMessage({ id: '1', type: 'complete' });
    await client.expectSilence();
  });
});

describeModern('a frame that is no message', (wire) => {
  test.each([
    { what: 'no JSON', frame: 'hello' },
    { what: 'cut JSON', frame: '{"type":"ping"' },
    { what: 'nothing', frame: '' },
    { what: 'a number', frame: '7' },
    { what: 'null', frame: 'null' },
    { what: 'an array', frame: '[{"type":"ping"}]' },
    { what: 'without a type', frame: '{}' },
    { what: 'of the type null', frame: '{"type":null}' },
    { what: 'of the type 7', frame: '{"type":7}' },
    { what: 'of an unknown type', frame: '{"type":"Ping"}' },
    { what: 'of the type toString', frame: '{"type":"toString"}' },
    { what: 'of the type __proto__', frame: '{"type":"__proto__"}' },
    { what: 'of a legacy type, start', frame: '{"type":"start","id":"1"}' },
    { what: 'of a legacy type, stop', frame: '{"type":"stop","id":"1"}' },
    { what: 'of a legacy type, connection_terminate', frame: '{"type":"connection_terminate"}' },
    { what: 'binary', frame: Buffer.from('{"type":"ping"}') },
    { what: 'of a type of 10 kB', frame: JSON.stringify({ type: 'x'.repeat(10_000) }) },
  ])('T33 $what is closed with 4400 and a reason, before init and after', async ({ frame }) => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });

    for (const init of [false, true]) {
      const client = await connect({ init });
      client.sendRaw(frame);
      await client.expectClose(4400, /.{10}/);
      await expect(client.receive()).rejects.toThrow('closed');
    }
  });

  test.each([
    { type: 'connection_ack' },
    { type: 'next', id: '1', payload: { data: {} } },
    { type: 'error', id: '1', payload: [{ message: 'no' }] },
  ])('T34 $type, which only servers send, is closed with 4400', async (message) => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    client.send(message);

    await client.expectClose(4400, `Only servers send "${message.type}" messages`);
  });
});

describeBoth('after a close was decided', (wire) => {
  const isModern = wire.protocol === 'graphql-transport-ws';

  test.each([
    { said: 'a binary frame', frame: rawFrame(Opcode.BINARY, 'x'), onlyModern: true },
    { said: 'a second init', frame: messageFrame({ type: 'connection_init' }), onlyModern: true },
    {
      said: 'a terminate',
      frame: messageFrame({ type: 'connection_terminate' }),
      onlyModern: false,
    },
  ])(
    'T33a all that follows $said in the segment is ignored: no pong, no execution, no answer',
    async ({ frame, onlyModern }) => {
      let calls = 0;
      const { app } = await startApp(wire, {
        typeDefs: `${typeDefs} type Mutation { work: String }`,
        resolvers: {
          Query: { hello: async () => 'too late' },
          Mutation: {
            work: () => {
              calls += 1;
            },
          },
        },
      });
      const client = await RawClient.connect(app, wire);
      const type = isModern ? 'subscribe' : 'start';
      const decisive =
        onlyModern && !isModern ? messageFrame({ type: 'connection_terminate' }) : frame;

      client.write(
        messageFrame({ id: 'before', type, payload: { query } }),
        decisive,
        messageFrame({ type: 'ping' }),
        messageFrame({ id: 'after', type, payload: { query: 'mutation { work }' } }),
        rawFrame(Opcode.BINARY, 'x'),
        rawFrame(Opcode.TEXT, 'not JSON'),
        messageFrame({ type: 'connection_init' }),
      );
      const { code } = await client.close();
      await app.graphqlWs.settled();

      expect(code).toBeGreaterThanOrEqual(1000);
      expect(client.unread).toEqual([]);
      expect(calls).toBe(0);
      client.destroy();
      await expectQuiet(app);
    },
  );
});

describeModern('what cannot be answered', (wire) => {
  test('T35 a ping whose payload is too deep to be written is closed with 4500 and a neutral text', async () => {
    const { connect, log } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    client.sendRaw(`{"type":"ping","payload":{"deep":${tooDeep}}}`);

    await client.expectClose(4500, 'Internal server error');
    expect(log).toContainEqual(
      expect.objectContaining({
        level: 'error',
        details: expect.objectContaining({ err: expect.any(RangeError) }),
      }),
    );
    const next = await connect();
    expect(await next.query(query)).toEqual({ data: { hello: 'world' } });
  });

  test('T35 an ack that cannot be written is closed with 4500 and a neutral text', async () => {
    const circular: { self?: object } = {};
    circular.self = circular;
    const { connect, log } = await startApp(wire, {
      typeDefs,
      resolvers,
      // JSON cannot carry it, which no type can tell.
      onConnect: () => ({ ack: circular as never }),
    });
    const client = await connect({ init: false });

    client.send({ type: 'connection_init' });

    await client.expectClose(4500, 'Internal server error');
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test('T35 a subscription whose variables are too deep for its key ends with error, and unsubscribed runs', async () => {
    const reasons: string[] = [];
    const onText = defineSubscription({
      subscribe: () => 'a',
      publish: (text: string) => text,
      unsubscribed: (reason) => void reasons.push(reason),
    });
    const { app, connect } = await startApp(wire, {
      typeDefs: `${typeDefs} scalar Any type Subscription { onText(any: Any): String }`,
      resolvers: {
        ...resolvers,
        Any: new GraphQLScalarType({ name: 'Any', parseValue: () => 'parsed' }),
        Subscription: { onText },
      },
    });
    const client = await connect();

    client.sendRaw(
      `{"id":"1","type":"subscribe","payload":{` +
        `"query":"subscription ($any: Any) { onText(any: $any) }",` +
        `"variables":{"any":${tooDeep}}}}`,
    );

    expect(await client.receive()).toMatchObject({ id: '1', type: 'error' });
    await client.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, groups: 0, members: 0 });
    expect(reasons).toEqual(['error']);
    expect(await client.query(query)).toEqual({ data: { hello: 'world' } });
  });

  test('T35 a result that cannot be written is a result with an error', async () => {
    const { connect } = await startApp(wire, {
      typeDefs: 'scalar Any type Query { any: Any, hello: String }',
      resolvers: {
        Any: new GraphQLScalarType({ name: 'Any', serialize: () => 1n }),
        Query: { any: () => 1, hello: () => 'world' },
      },
    });
    const client = await connect();

    expect(await client.query('{ any }')).toEqual({
      data: null,
      errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(await client.query(query)).toEqual({ data: { hello: 'world' } });
  });

  test('T35 an error whose extensions cannot be written is sent without them', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers,
      onOperation: ({ operationName }) => {
        if (operationName !== 'Bad') return;
        const error = new Error('no');
        error.name = 'GraphQLError';
        throw Object.assign(error, { extensions: { amount: 1n } });
      },
    });
    const client = await connect();

    client.send({
      id: '1',
      type: 'subscribe',
      payload: { query: 'query Bad { hello }', operationName: 'Bad' },
    });

    await client.expectMessage({ id: '1', type: 'error', payload: [{ message: 'no' }] });
    await client.expectSilence();
    expect(await client.query(query)).toEqual({ data: { hello: 'world' } });
  });
});
