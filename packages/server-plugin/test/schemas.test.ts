import { makeExecutableSchema } from '@graphql-tools/schema';
import { defineSubscription } from '@groupcast/fastify';
import SchemaBuilder from '@pothos/core';
import {
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  type GraphQLSchema as Schema,
} from 'graphql';
import { expect, test } from 'vitest';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

interface Message {
  readonly text: string;
}

type Definition = ReturnType<typeof defineMessages>;

function defineMessages() {
  return defineSubscription({
    subscribe: (_root, args: { room: string }) => args.room,
    publish: (message: Message) => message,
  });
}

const typeDefs = `
  type Query { hello: String }
  type Message { text: String }
  type Subscription { onMessage(room: String!): Message }
`;

function graphqlJs(field: Pick<Definition, 'subscribe' | 'resolve' | 'extensions'>): Schema {
  const message = new GraphQLObjectType({
    name: 'Message',
    fields: { text: { type: GraphQLString } },
  });
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        onMessage: {
          type: message,
          args: { room: { type: new GraphQLNonNull(GraphQLString) } },
          subscribe: (root, args, context, info) =>
            field.subscribe(root, { room: String(args['room']) }, context, info),
          resolve: (payload, args, context, info) =>
            field.resolve(payload, { room: String(args['room']) }, context, info),
          extensions: { ...field.extensions },
        },
      },
    }),
  });
}

function pothos(definition: Definition): Schema {
  const builder = new SchemaBuilder<{ Objects: { Message: Message } }>({});
  builder.objectType('Message', { fields: (t) => ({ text: t.exposeString('text') }) });
  builder.queryType({ fields: (t) => ({ hello: t.string({ resolve: () => 'world' }) }) });
  builder.subscriptionType({
    fields: (t) => ({
      onMessage: t.field({
        type: 'Message',
        nullable: true,
        args: { room: t.arg.string({ required: true }) },
        extensions: definition.extensions,
        // The builder types a source as a stream of payloads; ours is handed through.
        subscribe: (root, args, context, info) =>
          definition.subscribe(root, args, context, info) as AsyncIterable<Message>,
        resolve: (payload, args, context, info) =>
          definition.resolve(payload, args, context, info) as Message,
      }),
    }),
  });
  return builder.toSchema();
}

const schemas: Record<string, (definition: Definition) => Schema> = {
  'SDL with the definition as a resolver': (onMessage) =>
    makeExecutableSchema({ typeDefs, resolvers: { Subscription: { onMessage } } }),
  'SDL with a spread definition': (onMessage) =>
    makeExecutableSchema({
      typeDefs,
      resolvers: { Subscription: { onMessage: { ...onMessage } } },
    }),
  'graphql-js with the functions of the definition': graphqlJs,
  'graphql-js with wrapped functions': (onMessage) =>
    graphqlJs({ ...onMessage, resolve: (...all) => onMessage.resolve(...all) }),
  'Pothos with the definition on a field': pothos,
};

describeBoth('S9 a definition works in a schema', (wire) => {
  test.each(Object.entries(schemas))('made by %s', async (_name, createSchema) => {
    const onMessage = defineMessages();
    const { app, connect } = await startApp(wire, { schema: createSchema(onMessage) });
    const client = await connect();
    const red = await client.subscribe('subscription { onMessage(room: "red") { text } }');
    const blue = await client.subscribe('subscription { onMessage(room: "blue") { text } }');

    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    await red.expectNext({ onMessage: { text: 'hi' } });
    await blue.expectSilence();
    await app.broadcast('onMessage', { payload: { text: 'all' } });
    await red.expectNext({ onMessage: { text: 'all' } });
    await blue.expectNext({ onMessage: { text: 'all' } });
    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });
    await red.expectComplete();
    await blue.expectSilence();
  });
});

test('S9 a definition is a plain object with three own keys, and its identity is in extensions', () => {
  const onMessage = defineMessages();

  expect(Object.getPrototypeOf(onMessage)).toBe(Object.prototype);
  expect(Object.keys(onMessage).sort()).toEqual(['extensions', 'resolve', 'subscribe']);
  expect(Object.keys(onMessage.extensions)).toEqual(['groupcast']);
  expect({ ...onMessage }.extensions.groupcast).toBe(onMessage.extensions.groupcast);
});
