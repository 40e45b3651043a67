import { defineSubscription, type Middleware, SKIP } from '@groupcast/fastify';
import type { GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  type Query { hello: Greeting, introspection: String }
  type Greeting { text: String }
  type Message { text: String }
  type Subscription { onMessage: Message, ticks: Int }
`;

/** Middleware that notes when it is entered and left. */
function noting(name: string, notes: string[]): Middleware {
  return async (resolve, _root, _args, _context, info: GraphQLResolveInfo) => {
    const field = `${info.parentType.name}.${info.fieldName}`;
    notes.push(`${name} > ${field}`);
    const value = await resolve();
    notes.push(`${name} < ${field}`);
    return value;
  };
}

describeBoth('C4 middleware', (wire) => {
  test('C4 wraps every resolver, the first one outermost, whatever the operation is called', async () => {
    const notes: string[] = [];
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Query: { hello: () => ({ text: 'hi' }) } },
      middleware: [noting('outer', notes), noting('inner', notes)],
    });
    const client = await connect();

    const result = await client.query('query IntrospectionQuery { hello { text } }', {
      operationName: 'IntrospectionQuery',
    });

    expect(result).toEqual({ data: { hello: { text: 'hi' } } });
    expect(notes).toEqual([
      'outer > Query.hello',
      'inner > Query.hello',
      'inner < Query.hello',
      'outer < Query.hello',
      'outer > Greeting.text',
      'inner > Greeting.text',
      'inner < Greeting.text',
      'outer < Greeting.text',
    ]);
  });

  test('C4 wraps subscribe, and publish as the resolver of its field', async () => {
    const notes: string[] = [];
    const onMessage = defineSubscription({
      subscribe: () => {
        notes.push('subscribe');
        return 'all';
      },
      publish: (message: object) => {
        notes.push('publish');
        return message;
      },
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      middleware: [noting('m', notes)],
    });
    const client = await connect();
    const messages = await client.subscribe('subscription { onMessage { text } }');
    await app.broadcast(onMessage, { group: 'all', payload: { text: 'hi' } });
    await messages.expectNext({ onMessage: { text: 'hi' } });

    expect(notes).toEqual([
      'm > Subscription.onMessage',
      'subscribe',
      'm < Subscription.onMessage',
      'm > Subscription.onMessage',
      'publish',
      'm < Subscription.onMessage',
      'm > Message.text',
      'm < Message.text',
    ]);
  });

  test('C4 may refuse, and change what it passes on and returns', async () => {
    const onMessage = defineSubscription({
      subscribe: (_root, _args, context: { room?: string }) => context.room ?? 'none',
      publish: (message: { text: string }, _args, _context) => message,
    });
    const middleware: Middleware[] = [
      (resolve, root, args, context: object, info) =>
        resolve(root, args, { ...context, room: 'red' }, info),
      async (resolve, root: { text?: string }, args, context, info) => {
        const value: unknown = await resolve(root, args, context, info);
        return typeof value === 'string' ? value.toUpperCase() : value;
      },
    ];
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      middleware,
    });
    const client = await connect();
    const messages = await client.subscribe('subscription { onMessage { text } }');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

    await messages.expectNext({ onMessage: { text: 'HI' } });
  });

  test('P1 SKIP passes through middleware, also through one that catches errors', async () => {
    const seen: unknown[] = [];
    const onMessage = defineSubscription({
      subscribe: () => 'all',
      publish: async (message: { text: string }) => (message.text === 'skip' ? SKIP : message),
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      middleware: [
        async (resolve) => {
          try {
            const value = await resolve();
            seen.push(value === SKIP ? 'SKIP' : typeof value);
            return value;
          } catch {
            return { text: 'caught' };
          }
        },
      ],
    });
    const client = await connect();
    const messages = await client.subscribe('subscription { onMessage { text } }');
    await app.broadcast(onMessage, { group: 'all', payload: { text: 'skip' } });
    await app.broadcast(onMessage, { group: 'all', payload: { text: 'hi' } });

    await messages.expectNext({ onMessage: { text: 'hi' } });
    await messages.expectSilence();
    expect(seen).toContain('SKIP');
  });

  test('C4 wraps plain subscriptions too', async () => {
    const notes: string[] = [];
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Subscription: {
          ticks: {
            subscribe: async function* () {
              yield { ticks: 1 };
            },
          },
        },
      },
      middleware: [noting('m', notes)],
    });
    const client = await connect();
    const ticks = await client.subscribe('subscription { ticks }');
    await ticks.expectNext({ ticks: 1 });
    await ticks.expectComplete();

    expect(notes.filter((note) => note === 'm > Subscription.ticks')).toHaveLength(2);
  });
});
