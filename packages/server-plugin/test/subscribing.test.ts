import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import * as fc from 'fast-check';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { startApp } from './support/start-app.ts';
import { describeBoth, type Wire } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String }
  type Message { text: String }
  type Subscription { onMessage(room: String): Message, onOther(room: String): Message, ticks: Int }
`;

const document = 'subscription ($room: String) { onMessage(room: $room) { text } }';

type Names = string | string[] | null | undefined;

/** A subscription whose `subscribe` returns what the test says. */
function returning(names: () => unknown) {
  return defineSubscription({
    subscribe: () => names() as Names,
    publish: (message: { text: string }) => message,
  });
}

describeBoth('subscribe', (wire) => {
  test('S1 runs once per subscription, with root, args, context and info', async () => {
    const calls: unknown[] = [];
    const onMessage = defineSubscription({
      subscribe: async (root, args: { room: string }, context: { user: string }, info) => {
        calls.push([root, { ...args }, context.user, info.fieldName]);
        return [args.room];
      },
      publish: (message: { text: string }) => message,
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      context: () => ({ user: 'ann' }),
    });
    const client = await connect();
    const messages = await client.subscribe(document, { variables: { room: 'red' } });
    for (const text of ['1', '2']) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
      await messages.expectNext({ onMessage: { text } });
    }

    expect(calls).toEqual([[undefined, { room: 'red' }, 'ann', 'onMessage']]);
  });

  test('S1 is the place to check rights: a throw refuses', async () => {
    const onMessage = returning(() => {
      throw new Error('not yours');
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      maskErrors: false,
    });
    const client = await connect();
    const refused = client.start(document);
    await refused.expectError('not yours');
    await app.broadcast(onMessage, { payload: { text: 'hi' } });

    await refused.expectSilence();
  });

  test.each<[string, Names]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty array', []],
  ])('S2 with %s a subscriber hears only broadcasts without a group', async (_name, names) => {
    const onMessage = returning(() => names);
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    const messages = await client.subscribe(document);
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'to red' } });
    await app.broadcast(onMessage, { group: '', payload: { text: 'to nobody' } });
    await app.broadcast(onMessage, { payload: { text: 'to all' } });

    await messages.expectNext({ onMessage: { text: 'to all' } });
    await messages.expectSilence();
  });

  test('S2 a broadcast without a group reaches all subscribers of the field, once each', async () => {
    const onMessage = defineSubscription({
      subscribe: (_root, args: { room?: string }) => args.room,
      publish: (message: { text: string }) => message,
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const [ann, bob] = [await connect(), await connect()];
    const all = [
      await ann.subscribe(document, { variables: { room: 'red' } }),
      await ann.subscribe(document, { variables: { room: '' } }),
      await bob.subscribe(document),
    ];
    await app.broadcast(onMessage, { payload: { text: 'hi' } });

    for (const messages of all) {
      await messages.expectNext({ onMessage: { text: 'hi' } });
      await messages.expectSilence();
    }
  });

  test.each([
    ['group: undefined', { group: undefined }],
    ['group: null', { group: null }],
    ['group: 1', { group: 1 }],
    ['a misspelt key', { groups: 'red' }],
  ])('S2 a broadcast with %s rejects: it must not reach everybody', async (_name, wrong) => {
    const onMessage = returning(() => 'red');
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    const messages = await client.subscribe(document);
    const event = { payload: { text: 'hi' }, ...wrong } as { payload: { text: string } };

    await expect(app.broadcast(onMessage, event)).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_GROUP_INVALID',
    });
    await messages.expectSilence();
  });

  test('S3 names are a set, and an event comes once however many groups a subscriber hears', async () => {
    const onMessage = returning(() => ['red', 'red', 'blue']);
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    const messages = await client.subscribe(document);
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'to red' } });
    await app.broadcast(onMessage, { group: 'blue', payload: { text: 'to blue' } });
    await app.broadcast(onMessage, { payload: { text: 'to all' } });

    for (const text of ['to red', 'to blue', 'to all']) {
      await messages.expectNext({ onMessage: { text } });
    }
    await messages.expectSilence();
    messages.stop();
    await client.fence();
    await app.graphqlWs.settled();
    expect(app.graphqlWs.stats()).toMatchObject({ members: 0, groups: 0, emitterListeners: 0 });
  });

  test('S4 one name on two fields means two groups', async () => {
    const onMessage = returning(() => 'red');
    const onOther = returning(() => 'red');
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage, onOther } },
    });
    const client = await connect();
    const messages = await client.subscribe(document);
    const others = await client.subscribe('subscription { onOther { text } }');
    await app.broadcast(onOther, { group: 'red', payload: { text: 'hi' } });

    await others.expectNext({ onOther: { text: 'hi' } });
    await messages.expectSilence();
  });

  test.each([
    ['a number', () => 1],
    ['an array with a number', () => ['red', 1]],
    ['an array with a hole', () => Array(1)],
    ['an object', () => ({ room: 'red' })],
  ])(
    'S5 %s is an error of that operation, and the log names the value and the field',
    async (_name, names) => {
      const onMessage = returning(names);
      const { app, connect, log } = await startApp(wire, {
        typeDefs,
        resolvers: { Subscription: { onMessage } },
      });
      const client = await connect();
      await client.start(document).expectError('Internal server error');

      expect(await client.query('{ hello }')).toEqual({ data: { hello: null } });
      expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0 });
      const errors = log.filter(({ level }) => level === 'error');
      expect(errors.map(({ details }) => details['err'])).toEqual([
        expect.objectContaining({ message: expect.stringMatching(/"onMessage".*returned/) }),
      ]);
    },
  );

  test('S6 a subscribe that throws joins no group and leaves nothing', async () => {
    const onMessage = returning(() => {
      throw new Error('no');
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    client.send({
      id: '1',
      type: wire.protocol === 'graphql-ws' ? 'start' : 'subscribe',
      payload: { query: document },
    });
    const error = {
      message: 'Internal server error',
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
      locations: expect.any(Array),
      path: ['onMessage'],
    };

    if (wire.protocol === 'graphql-ws') {
      expect(await client.receive()).toEqual({
        id: '1',
        type: 'data',
        payload: { errors: [error] },
      });
      expect(await client.receive()).toEqual({ id: '1', type: 'complete' });
    } else {
      expect(await client.receive()).toEqual({ id: '1', type: 'error', payload: [error] });
    }
    await client.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0, emitterListeners: 0 });
  });

  test('S8 plain subscriptions run beside group subscriptions on one connection', async () => {
    const onMessage = returning(() => 'red');
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Subscription: {
          onMessage,
          ticks: {
            subscribe: async function* () {
              yield { ticks: 1 };
              yield { ticks: 2 };
            },
          },
        },
      },
    });
    const client = await connect();
    const messages = await client.subscribe(document);
    const ticks = client.start('subscription { ticks }');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

    await messages.expectNext({ onMessage: { text: 'hi' } });
    await ticks.expectNext({ ticks: 1 });
    await ticks.expectNext({ ticks: 2 });
    await ticks.expectComplete();
  });
});

describe('names of groups', () => {
  const memory: Wire = { protocol: 'graphql-transport-ws', transport: 'memory' };
  const trouble = [
    '#',
    '+',
    '/',
    '*',
    'user/+',
    'user/#',
    'constructor',
    '__proto__',
    'toString',
    '',
    'x'.repeat(10_240),
    `${'x'.repeat(10_239)}y`,
    '👩‍👩‍👧',
    '\ud800',
    '\udfff',
    '\u0000',
    'a:b',
    'a~b',
  ];

  test('S2 any string is legal and isolated', async () => {
    const onMessage = defineSubscription({
      subscribe: (_root, _args: object, context: { group: string }) => context.group,
      publish: (message: { text: string }) => message,
    });
    let next = '';
    const { app, connect } = await startApp(memory, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      context: () => ({ group: next }),
    });
    const client = await connect();
    const name = fc.oneof(
      fc.constantFrom(...trouble),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc
        .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 5 })
        .map((units) => String.fromCharCode(...units)),
    );

    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 2, maxLength: 6 }), async (names) => {
        const subscribers = [];
        for (const group of names) {
          next = group;
          subscribers.push(await client.subscribe('subscription { onMessage { text } }'));
        }
        for (const [index, group] of names.entries()) {
          await app.broadcast(onMessage, { group, payload: { text: String(index) } });
        }
        for (const [index, subscriber] of subscribers.entries()) {
          await subscriber.expectNext({ onMessage: { text: String(index) } });
        }
        await client.expectSilence();
        for (const subscriber of subscribers) {
          expect(subscriber.unread).toBe(0);
          subscriber.stop();
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('registration', () => {
  const resolversOf = (Subscription: Record<string, unknown>) => ({
    typeDefs,
    resolvers: { Subscription },
  });

  test('S4 one definition on two fields fails', async () => {
    const onMessage = returning(() => 'red');
    const schema = makeExecutableSchema(resolversOf({ onMessage, onOther: { ...onMessage } }));
    const app = Fastify();

    await expect(async () => {
      await app.register(groupcast, { schema });
    }).rejects.toMatchObject({ code: 'GROUPCAST_ERR_SUBSCRIPTION_MISPLACED' });
    await app.close();
  });

  test.each(['in one scope', 'in two scopes'])(
    'S4 the plugin twice in one app fails, %s',
    async (where) => {
      const schema = makeExecutableSchema(resolversOf({ onMessage: returning(() => 'red') }));
      const app = Fastify();
      const register = async (path: string): Promise<void> => {
        if (where === 'in one scope') await app.register(groupcast, { schema, path });
        else {
          await app.register(async (scope) => {
            await scope.register(groupcast, { schema, path });
          });
        }
      };
      await register('/a');

      await expect(register('/b')).rejects.toMatchObject({ code: 'GROUPCAST_ERR_REGISTRATION' });
      await app.close();
    },
  );
});
