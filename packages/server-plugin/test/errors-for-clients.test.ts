import { defineSubscription } from '@groupcast/fastify';
import { GraphQLError, GraphQLScalarType, NoSchemaIntrospectionCustomRule } from 'graphql';
import { expect, test } from 'vitest';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  scalar Even
  type Query { secret: String, polite: String, value: Even, even(n: Even): String }
  type Message { text: String }
  type Subscription { onMessage: Message }
`;

const Even = new GraphQLScalarType({
  name: 'Even',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value === 'number' && value % 2 === 0) return value;
    throw new TypeError('not even');
  },
});

const resolvers = {
  Even,
  Query: {
    secret: () => {
      throw new Error('the password is 1234');
    },
    polite: () => {
      throw new GraphQLError('please log in', { extensions: { code: 'UNAUTHENTICATED' } });
    },
    value: () => 10n,
    even: () => 'yes',
  },
};

const masked = {
  message: 'Internal server error',
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
};

describeBoth('errors', (wire) => {
  test('X1 a GraphQLError reaches the client whole', async () => {
    const { connect, log } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    expect(await client.query('{ polite }')).toEqual({
      data: { polite: null },
      errors: [
        {
          message: 'please log in',
          locations: [{ line: 1, column: 3 }],
          path: ['polite'],
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('X1 anything else is masked and logged with its stack; path and locations stay', async () => {
    const { connect, log } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    expect(await client.query('{ secret }')).toEqual({
      data: { secret: null },
      errors: [{ ...masked, locations: [{ line: 1, column: 3 }], path: ['secret'] }],
    });
    const errors = log.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.details['err']).toMatchObject({
      message: 'the password is 1234',
      stack: expect.stringContaining('errors-for-clients'),
    });
  });

  test('X1 what subscribe throws is masked in the same way', async () => {
    const onMessage = defineSubscription({
      subscribe: () => {
        throw new Error('the password is 1234');
      },
    });
    const { connect, log } = await startApp(wire, {
      typeDefs,
      resolvers: { ...resolvers, Subscription: { onMessage } },
    });
    const client = await connect();
    const errors = await client.start('subscription { onMessage { text } }').expectError();

    expect(errors).toMatchObject([masked]);
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test('X1 maskErrors: false shows what was thrown', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers, maskErrors: false });
    const client = await connect();
    const { errors } = await client.query('{ secret }');

    expect(errors).toMatchObject([{ message: 'the password is 1234', path: ['secret'] }]);
  });

  test('X1 a function decides what is shown; when it fails itself, the error is masked', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Query: {
          ...resolvers.Query,
          secret: () => {
            throw new RangeError('worse');
          },
          even: () => {
            throw new Error('bad');
          },
        },
      },
      maskErrors: (error) => {
        if (error instanceof RangeError) throw new Error('mask failed');
        return new GraphQLError('ref 17', { extensions: { code: 'REF' } });
      },
    });
    const client = await connect();

    expect((await client.query('{ even }')).errors).toMatchObject([
      { message: 'ref 17', path: ['even'], extensions: { code: 'REF' } },
    ]);
    expect((await client.query('{ secret }')).errors).toMatchObject([masked]);
  });

  test('X1 what a scalar says of a variable is for the client', async () => {
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();
    const operation = client.start('query ($n: Even) { even(n: $n) }', { variables: { n: 3 } });

    await operation.expectError('not even');
  });

  test('X2 a value that JSON cannot carry gives an error, and hurts nobody else', async () => {
    const { connect, log } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    expect(await client.query('{ value }')).toEqual({ data: null, errors: [masked] });
    expect(await client.query('{ even }')).toEqual({ data: { even: 'yes' } });
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test('X2 a filter, a publish and an end hook that throw hurt nobody else', async () => {
    const fail = (): never => {
      throw new Error('broken');
    };
    const onMessage = defineSubscription({
      subscribe: (_root, _args, context: { user: string }) => context.user,
      filter: (message: { text: string }, _args, { user }) =>
        message.text === 'filter' && user === 'ann' ? fail() : true,
      publish: (message, _args, { user }) =>
        message.text === 'publish' && user === 'ann' ? fail() : message,
      unsubscribed: fail,
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { ...resolvers, Subscription: { onMessage } },
      context: ({ connection }) => ({ user: connection.params['user'] }),
    });
    const ann = await connect({ params: { user: 'ann' } });
    const bob = await connect({ params: { user: 'bob' } });
    const document = 'subscription { onMessage { text } }';
    const annHears = await ann.subscribe(document);
    const bobHears = await bob.subscribe(document);
    for (const text of ['filter', 'publish', 'hi']) {
      await app.broadcast(onMessage, { payload: { text } });
    }

    for (const text of ['filter', 'publish', 'hi'])
      await bobHears.expectNext({ onMessage: { text } });
    expect(await annHears.next()).toMatchObject({ data: { onMessage: null }, errors: [masked] });
    await annHears.expectNext({ onMessage: { text: 'hi' } });
    ann.terminate();
    await bobHears.expectSilence();
  });
});

describeBoth('documents', (wire) => {
  test('further validation rules hold', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers,
      validationRules: [NoSchemaIntrospectionCustomRule],
    });
    const client = await connect();

    await client.start('{ __schema { types { name } } }').expectError('introspection');
    expect(await client.query('{ even }')).toEqual({ data: { even: 'yes' } });
  });

  test('a validation rule that breaks is a fault of the app: masked and logged', async () => {
    const { connect, log } = await startApp(wire, {
      typeDefs,
      resolvers,
      validationRules: [
        () => {
          throw new Error('rule is broken');
        },
      ],
    });
    const client = await connect();
    const errors = await client.start('{ even }').expectError();

    expect(errors).toMatchObject([masked]);
    expect(log.some(({ details }) => String(details['err']).includes('rule is broken'))).toBe(true);
  });
});

describeBoth('the library', (wire) => {
  test('finds errors of a second copy of graphql by their name', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Query: {
          polite: () => {
            throw Object.assign(new Error('from elsewhere'), { name: 'GraphQLError' });
          },
        },
      },
    });
    const client = await connect();

    expect((await client.query('{ polite }')).errors).toMatchObject([
      { message: 'from elsewhere', path: ['polite'] },
    ]);
  });
});
