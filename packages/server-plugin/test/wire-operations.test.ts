import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { ErrorMask } from '../src/delivery/mask-errors.ts';
import { ResultWriter } from '../src/delivery/result-writer.ts';
import { createGate } from './support/gate.ts';
import { recordingLogger } from './support/recording-logger.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth, describeModern } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String, greet(name: String!): String, odd: String, sure: String! }
  type Mutation { rename(name: String): String }
  type Subscription { count(to: Int!): Int, refused: Int }
`;

const resolvers = {
  Query: {
    hello: () => 'world',
    greet: (_root: unknown, { name }: { name: string }) => `hello ${name}`,
    odd: () => {
      throw new GraphQLError('Odd', { extensions: { code: 'ODD' } });
    },
    sure: () => null,
  },
  Mutation: { rename: (_root: unknown, { name }: { name: string }) => name },
  Subscription: {
    count: {
      subscribe: async function* (_root: unknown, { to }: { to: number }) {
        for (let count = 1; count <= to; count += 1) yield { count };
      },
    },
    refused: {
      subscribe: () => {
        throw new GraphQLError('You may not', { extensions: { code: 'FORBIDDEN' } });
      },
    },
  },
};

describeModern('an operation that is refused as a whole', (wire) => {
  test('T20 a validation failure leads to one error with all its errors, and to nothing more', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    client.send({ id: '1', type: 'subscribe', payload: { query: '{ nothing nowhere }' } });

    await client.expectMessage({
      id: '1',
      type: 'error',
      payload: [
        {
          message: 'Cannot query field "nothing" on type "Query".',
          locations: [{ line: 1, column: 3 }],
        },
        {
          message: 'Cannot query field "nowhere" on type "Query".',
          locations: [{ line: 1, column: 11 }],
        },
      ],
    });
    await client.expectSilence();
  });

  // To the legacy subprotocol it is none, as to the old server.
  test('T22 an empty operation name is the name of no operation', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    const refused = client.start('query A { hello }', { operationName: '' });

    expect(await refused.expectError()).toEqual([
      { message: 'The document contains no operation named ""' },
    ]);
    await client.expectSilence();
  });
});

describeBoth('an operation that is refused as a whole', (wire) => {
  test.each([{ query: '{ hello' }, { query: '' }, { query: '  # nothing' }, { query: 'hello' }])(
    'T21 L14 the query "$query" leads to one error, and the connection lives',
    async ({ query }) => {
      const { connect } = await startApp(wire, { typeDefs, resolvers });
      const client = await connect();

      const refused = client.start(query);

      const errors = await refused.expectError(/^Syntax Error/);
      expect(errors).toEqual([
        { message: expect.any(String), locations: [{ line: 1, column: expect.any(Number) }] },
      ]);
      await client.expectSilence();
      expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    },
  );

  test.each([
    {
      what: 'an unknown operation name',
      query: 'query A { hello }',
      operationName: 'B',
      sentence: 'The document contains no operation named "B"',
    },
    {
      what: 'several operations without a name',
      query: 'query A { hello } query B { hello }',
      operationName: undefined,
      sentence: 'The document contains several operations: give an operationName',
    },
    {
      what: 'fragments only',
      query: 'fragment F on Query { hello }',
      operationName: undefined,
      sentence: 'The document contains no operation',
    },
    {
      what: 'type definitions only',
      query: 'type T { a: Int }',
      operationName: undefined,
      sentence: 'The document contains no operation',
    },
  ])('T22 L14 $what leads to an error that says so', async ({ query, operationName, sentence }) => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    const refused = client.start(query, operationName === undefined ? {} : { operationName });

    expect(await refused.expectError()).toEqual([{ message: sentence }]);
    await client.expectSilence();
  });

  test('T22 the operation that is named is executed, whichever it is', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();
    const query = 'query A { a: hello } query B { b: hello } mutation C { rename(name: "c") }';

    expect(await client.query(query, { operationName: 'B' })).toEqual({ data: { b: 'world' } });
    expect(await client.query(query, { operationName: 'C' })).toEqual({ data: { rename: 'c' } });
    expect(await client.query(query, { operationName: 'A' })).toEqual({ data: { a: 'world' } });
  });

  test('T26 L15 a subscribe function that throws fails the operation as a whole', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    const refused = client.start('subscription { refused }');

    expect(await refused.expectError()).toEqual([
      {
        message: 'You may not',
        locations: [{ line: 1, column: 16 }],
        path: ['refused'],
        extensions: { code: 'FORBIDDEN' },
      },
    ]);
    await client.expectSilence();
  });

  test.each([
    { kind: 'query', query: 'query ($name: String!) { greet(name: $name) }', variables: {} },
    {
      kind: 'mutation',
      query: 'mutation ($name: String) { rename(name: $name) }',
      variables: { name: 7 },
    },
    {
      kind: 'subscription',
      query: 'subscription ($to: Int!) { count(to: $to) }',
      variables: { to: 'many' },
    },
  ])(
    'T26 L14 a variable of a $kind that cannot be coerced leads to error',
    async ({ query, variables }) => {
      const { connect } = await startApp(wire, { typeDefs, resolvers });
      const client = await connect();

      await client.start(query, { variables }).expectError(/^Variable "\$(name|to)"/);

      await client.expectSilence();
    },
  );
});

describeModern('queries and mutations', (wire) => {
  test('T23 have one next and then complete', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    client.send({ id: 'q', type: 'subscribe', payload: { query: '{ hello }' } });
    await client.expectMessage({ id: 'q', type: 'next', payload: { data: { hello: 'world' } } });
    await client.expectMessage({ id: 'q', type: 'complete' });
    const query = 'mutation ($name: String) { rename(name: $name) }';
    client.send({ id: 'm', type: 'subscribe', payload: { query, variables: { name: 'bob' } } });
    await client.expectMessage({ id: 'm', type: 'next', payload: { data: { rename: 'bob' } } });
    await client.expectMessage({ id: 'm', type: 'complete' });

    await client.expectSilence();
  });
});

describeBoth('results', (wire) => {
  test('T23 L11 errors of resolvers are in the result', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    expect(await client.query('{ hello odd }')).toEqual({
      data: { hello: 'world', odd: null },
      errors: [
        {
          message: 'Odd',
          locations: [{ line: 1, column: 9 }],
          path: ['odd'],
          extensions: { code: 'ODD' },
        },
      ],
    });
    await client.expectSilence();
  });

  test('T23 L11 a null that reaches the root is a result too: data null with the error beside it', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    expect(await client.query('{ hello sure }')).toMatchObject({
      data: null,
      errors: [{ path: ['sure'] }],
    });
    await client.expectSilence();
  });

  test('T25 a result without errors and extensions has no keys for them', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    expect(Object.keys(await client.query('{ hello }'))).toEqual(['data']);
    const counting = client.start('subscription { count(to: 1) }');
    expect(Object.keys(await counting.next())).toEqual(['data']);
  });

  test('T25 the extensions of a result pass through, empty ones do not', () => {
    const writer = new ResultWriter(new ErrorMask(true), recordingLogger().logger);

    expect(writer.write({ data: {}, errors: [], extensions: { cost: 3 } })).toBe(
      '{"data":{},"extensions":{"cost":3}}',
    );
    expect(writer.write({ data: {}, extensions: {} })).toBe('{"data":{}}');
  });

  test('T39 a slow operation delays no other: each id has its own order', async () => {
    const gate = createGate<string>();
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: { ...resolvers, Query: { hello: () => gate.arrive() } },
    });
    const client = await connect();

    const slow = client.start('{ hello }');
    await gate.arrived();
    const counting = client.start('subscription { count(to: 3) }');
    for (const count of [1, 2, 3]) await counting.expectNext({ count });
    await counting.expectComplete();
    expect(slow.unread).toBe(0);
    gate.open('at last');

    await slow.expectNext({ hello: 'at last' });
    await slow.expectComplete();
    await client.expectSilence();
  });

  test('T39 the results of 50 subscriptions at once keep their order under each id', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    const operations = Array.from({ length: 50 }, () =>
      client.start('subscription { count(to: 20) }'),
    );

    for (const operation of operations) {
      for (let count = 1; count <= 20; count += 1) await operation.expectNext({ count });
      await operation.expectComplete();
    }
    await client.expectSilence();
  });
});
