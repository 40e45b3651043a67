import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import { connect } from '@groupcast/testing';
import Fastify, { type FastifyInstance } from 'fastify';
import mercurius from 'mercurius';
import { expect, onTestFinished, test } from 'vitest';

const onMessage = defineSubscription({
  subscribe: () => 'all',
  publish: (message: { text: string }) => message,
});

const schema = makeExecutableSchema({
  typeDefs: `
    type Query { hello: String }
    type Message { text: String }
    type Subscription { onMessage: Message }
  `,
  resolvers: { Query: { hello: () => 'world' }, Subscription: { onMessage } },
});

function createApp(): FastifyInstance {
  const app = Fastify();
  onTestFinished(async () => {
    await app.close();
  });
  return app;
}

const orders: Record<string, (app: FastifyInstance) => Promise<unknown>> = {
  'mercurius registered first': async (app) => {
    await app.register(mercurius, { schema, subscription: true });
    await app.register(groupcast, { schema, path: '/live', drainMs: 0 });
  },
  'mercurius registered last': async (app) => {
    await app.register(groupcast, { schema, path: '/live', drainMs: 0 });
    // Without its own subscriptions: it would register @fastify/websocket once more.
    await app.register(mercurius, { schema });
  },
};

test.each(Object.entries(orders))(
  'its HTTP and our WebSocket live in one app: %s',
  async (_name, register) => {
    const app = createApp();
    await register(app);
    await app.ready();

    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: '{ hello }' },
    });
    const client = await connect(app);
    const messages = await client.subscribe('subscription { onMessage { text } }');
    await app.broadcast(onMessage, { group: 'all', payload: { text: 'hi' } });

    expect(response.json()).toEqual({ data: { hello: 'world' } });
    await messages.expectNext({ onMessage: { text: 'hi' } });
    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
  },
);

test('its WebSocket keeps working beside ours, with its own subprotocol', async () => {
  const app = createApp();
  await app.register(mercurius, { schema, subscription: { fullWsTransport: true } });
  await app.register(groupcast, { schema, path: '/live', drainMs: 0 });
  await app.ready();

  const theirs = await connect(app, { path: '/graphql', protocol: 'graphql-transport-ws' });
  const ours = await connect(app, { protocol: 'graphql-ws' });

  expect(theirs.protocol).toBe('graphql-transport-ws');
  expect(ours.protocol).toBe('graphql-ws');
  expect(await ours.query('{ hello }')).toEqual({ data: { hello: 'world' } });
});

test('the same path fails at registration, with a sentence', async () => {
  const app = createApp();
  await app.register(mercurius, { schema });

  await expect(async () => {
    await app.register(groupcast, { schema });
  }).rejects.toThrow('the app has a route GET /graphql already, give another with the option path');
});
