import { defineSubscription } from '@groupcast/fastify';
import { GraphQLError } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  scalar Any
  type Query { hello: String, hang: String }
  type Message { text: String }
  type Subscription { onMessage(any: Any): Message, ticks: Int }
`;

const document = 'subscription { onMessage { text } }';

const masked = { message: 'Internal server error' };

/** Fails the test when something goes unhandled in this process. */
function watchFaults(): unknown[] {
  const faults: unknown[] = [];
  const note = (fault: unknown): void => void faults.push(fault);
  process.on('uncaughtException', note).on('unhandledRejection', note);
  onTestFinished(() => {
    process.off('uncaughtException', note).off('unhandledRejection', note);
  });
  return faults;
}

describeBoth('functions of the app that misbehave', (wire) => {
  const unreadable: Record<string, () => unknown> = {
    'an object without a prototype': () => Object.create(null),
    'an error that is its own cause': () => {
      const error = new GraphQLError('round', { path: ['a'] });
      return Object.defineProperty(error, 'originalError', { value: error });
    },
    'an error whose extensions throw': () =>
      Object.defineProperty(new GraphQLError('x'), 'extensions', {
        get: () => {
          throw new Error('unreadable');
        },
      }),
    'an error whose cause throws': () =>
      Object.defineProperty(new Error('x'), 'cause', {
        get: () => {
          throw new Error('unreadable');
        },
      }),
  };

  test.each(Object.entries(unreadable))(
    'X2 %s ends one operation, wherever it is thrown',
    async (_name, make) => {
      const faults = watchFaults();
      const onMessage = defineSubscription({
        subscribe: () => 'all',
        publish: async () => {
          throw make();
        },
      });
      const { app, connect } = await startApp(wire, {
        typeDefs,
        resolvers: { Subscription: { onMessage } },
        maskErrors: false,
        context: ({ operation }) => {
          if (operation.operationName === 'Bad') throw make();
          return {};
        },
      });
      const client = await connect();
      await client.start('query Bad { hello }', { operationName: 'Bad' }).expectError();
      const messages = await client.subscribe(document);
      await app.broadcast(onMessage, { group: 'all', payload: 1 });

      expect(await messages.next()).toMatchObject({ errors: [{}] });
      expect(await client.query('{ hello }')).toEqual({ data: { hello: null } });
      expect(faults).toEqual([]);
    },
  );

  test('X1 a maskErrors that returns no GraphQLError counts as failed', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Query: {
          hello: () => {
            throw new Error('secret');
          },
        },
      },
      maskErrors: () => ({ message: 'plain' }) as GraphQLError,
    });
    const client = await connect();

    expect((await client.query('{ hello }')).errors).toMatchObject([masked]);
  });

  test('P1 without a context the filter cannot be asked: the notification is withheld', async () => {
    const onMessage = defineSubscription({
      subscribe: () => 'all',
      filter: (_message: { text: string }, _args, context: { isAdmin: boolean }) => context.isAdmin,
    });
    const { app, connect, log } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      context: () => ({ isAdmin: false }),
      renewContext: async () => {
        throw new Error('database');
      },
    });
    const client = await connect();
    const messages = await client.subscribe(document);
    await app.broadcast(onMessage, { group: 'all', payload: { text: 'secret' } });

    await messages.expectSilence();
    expect(app.graphqlWs.stats().filterErrors).toBe(1);
    expect(log.some(({ level, message }) => level === 'error' && message.includes('filter'))).toBe(
      true,
    );
  });

  test('P1 a filter may answer by anything that can be awaited', async () => {
    const never = Object.assign(() => undefined, {
      // biome-ignore lint/suspicious/noThenProperty: a thenable that is a function is what is tested
      then: (resolve: (value: boolean) => void) => resolve(false),
    });
    const onMessage = defineSubscription({
      subscribe: () => 'all',
      filter: (_message: { text: string }) => never as unknown as PromiseLike<boolean>,
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    const messages = await client.subscribe(document);
    await app.broadcast(onMessage, { group: 'all', payload: { text: 'hi' } });

    await messages.expectSilence();
  });

  test('what a filter does to the arguments of one subscriber reaches no other', async () => {
    const onMessage = defineSubscription({
      subscribe: () => 'all',
      filter: (
        _message: { text: string },
        args: { any: { viewer?: string } },
        { user }: { user: string },
      ) => {
        args.any.viewer ??= user;
        return true;
      },
      publish: (message, args) => ({ text: `${message.text} for ${args.any.viewer}` }),
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      context: ({ connection }) => ({ user: connection.params['user'] }),
    });
    const query = 'subscription ($any: Any) { onMessage(any: $any) { text } }';
    const all = [];
    for (const user of ['ann', 'bob']) {
      const client = await connect({ params: { user } });
      all.push(await client.subscribe(query, { variables: { any: {} } }));
    }
    await app.broadcast(onMessage, { group: 'all', payload: { text: 'hi' } });

    for (const messages of all)
      await messages.expectNext({ onMessage: { text: 'hi for undefined' } });
  });

  test('E6 a publish that ends its own subscription leaves nothing on its way', async () => {
    const onMessage = defineSubscription({
      subscribe: () => 'all',
      publish: async (message: { text: string }) => {
        void started.app.graphqlWs.unsubscribe(onMessage);
        return message;
      },
    });
    const started = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } } });
    const client = await started.connect();
    const messages = await client.subscribe(document);
    await started.app.broadcast(onMessage, { group: 'all', payload: { text: 'late' } });

    await messages.expectComplete();
    await messages.expectSilence();
  });

  test('E6 nothing is published for a subscription that ended while its filter ran', async () => {
    const held = createGate<boolean>();
    let published = 0;
    const onMessage = defineSubscription({
      subscribe: () => 'all',
      filter: (_message: object) => held.arrive(),
      publish: (message) => {
        published += 1;
        return message;
      },
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    await client.subscribe(document);
    await app.broadcast(onMessage, { group: 'all', payload: { text: 'late' } });
    await held.arrived();
    await app.graphqlWs.unsubscribe(onMessage);
    held.open(true);
    await app.graphqlWs.settled();

    expect(published).toBe(0);
  });

  test('P4 what a publish broadcasts to its own group comes after what it makes', async () => {
    const onMessage = defineSubscription({
      subscribe: () => 'all',
      publish: async (message: { text: string }) => {
        if (message.text === 'first') await null;
        if (message.text === 'second') {
          void started.app.broadcast(onMessage, { group: 'all', payload: { text: 'third' } });
        }
        return message;
      },
      share: false,
    });
    const started = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } } });
    const client = await started.connect();
    const messages = await client.subscribe(document);
    for (const text of ['first', 'second']) {
      void started.app.broadcast(onMessage, { group: 'all', payload: { text } });
    }

    for (const text of ['first', 'second', 'third']) {
      await messages.expectNext({ onMessage: { text } });
    }
  });

  test('T28 a plain source is closed when its event cannot be rendered', async () => {
    const closed = createGate();
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Subscription: {
          ticks: {
            subscribe: async function* () {
              try {
                yield { ticks: 1 };
              } finally {
                void closed.arrive();
              }
            },
          },
        },
      },
      renewContext: () => {
        throw new Error('database');
      },
    });
    const client = await connect();
    await client.start('subscription { ticks }').expectError();

    await closed.arrived();
  });

  test('C3 what onConnect sets on connection.state itself is kept', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Query: { hello: (_root: unknown, _args: unknown, { user }: { user: string }) => user },
      },
      onConnect: (connection) => {
        Object.assign(connection.state, { user: 'ann' });
        return true;
      },
      context: ({ connection }) => connection.state,
    });
    const client = await connect();

    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'ann' } });
  });

  test('C3 who has expired already is refused: no ack, and nothing that came with it is executed', async () => {
    let executed = 0;
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Query: {
          hello: () => {
            executed += 1;
          },
        },
      },
      onConnect: async () => ({ expiresAt: Date.now() - 1_000 }),
    });
    const client = await connect({ init: false });
    client.send({ type: 'connection_init' });
    if (wire.protocol === 'graphql-ws') {
      client.send({ id: '1', type: 'start', payload: { query: '{ hello }' } });
      await client.expectMessage({ type: 'connection_error', payload: { message: 'Forbidden' } });
    }

    await client.expectClose(4403, 'Forbidden');
    expect(executed).toBe(0);
    expect(client.transcript()).not.toContain('connection_ack');
  });

  test('C3 onOperation is held to its shape', async () => {
    const { connect, log } = await startApp(wire, {
      typeDefs,
      resolvers: {},
      onOperation: () => ({ querry: '{ hello }' }) as object,
    });
    const client = await connect();
    await client.start('{ hello }').expectError('Internal server error');

    expect(log.some(({ details }) => String(details['err']).includes('unknown key "querry"'))).toBe(
      true,
    );
  });

  test('T38 an onDisconnect that hangs keeps neither the connection nor the server', async () => {
    const held = createGate();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: {},
      closeTimeoutMs: 20,
      onDisconnect: () => held.arrive(),
    });
    const client = await connect();
    client.terminate();
    await held.arrived();
    await app.close();

    expect(app.graphqlWs.stats().connections).toBe(0);
  });

  test('T38 onDisconnect waits for the end hook of an operation that ended just before', async () => {
    const notes: string[] = [];
    const done = createGate();
    const onMessage = defineSubscription({
      subscribe: () => 'all',
      unsubscribed: async () => {
        for (let turn = 0; turn < 10; turn += 1) await new Promise((next) => setImmediate(next));
        notes.push('unsubscribed');
      },
    });
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      onDisconnect: () => {
        notes.push('disconnected');
        void done.arrive();
      },
    });
    const client = await connect();
    const messages = await client.subscribe(document);
    messages.stop();
    await client.close();
    await done.arrived();

    expect(notes).toEqual(['unsubscribed', 'disconnected']);
  });

  test('operations that were stopped count as long as their resolvers run', async () => {
    const held = createGate<string>();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Query: { hello: () => 'world', hang: () => held.arrive() } },
      limits: { operationsPerConnection: 2 },
    });
    const client = await connect();
    for (let n = 0; n < 2; n += 1) client.start('{ hang }').stop();
    const [error] = await client.start('{ hang }').expectError('operations already');
    expect(error?.extensions).toEqual({ code: 'TOO_MANY_OPERATIONS' });
    expect(held.arrivals).toBe(2);
    held.open('late');
    await app.graphqlWs.settled();

    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
  });

  test('E4 an options object that is undefined by mistake does not end everybody', async () => {
    const onMessage = defineSubscription({ subscribe: () => 'all' });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    const messages = await client.subscribe(document);

    await expect(app.graphqlWs.unsubscribe(onMessage, undefined)).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_GROUP_INVALID',
    });
    await messages.expectSilence();
  });
});

test('S9 a definition must be a plain object: what a class holds on its prototype would be overlooked', () => {
  class Messages {
    readonly subscribe = (): string => 'all';
    filter(): boolean {
      return false;
    }
  }

  expect(() => defineSubscription(new Messages())).toThrow('must be a plain object');
});
