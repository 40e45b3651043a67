import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import { connect, forEachProtocol } from '@groupcast/testing';
import Fastify, { type FastifyInstance } from 'fastify';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hear, message, startRooms } from './support/start-rooms.ts';

const schema = buildSchema('type Query { hello: String }');

function createApp(): FastifyInstance {
  const app = Fastify();
  onTestFinished(() => app.close());
  return app;
}

function schemaWith(Subscription: Record<string, object>): GraphQLSchema {
  return makeExecutableSchema({
    typeDefs: 'type Query { hello: String } type Subscription { onMessage: Int, onNotice: Int }',
    resolvers: { Query: { hello: () => 'world' }, Subscription },
  });
}

const pings = () => defineSubscription({ subscribe: () => 'red', publish: (n: number) => n });

test('the app is decorated with graphqlWs and broadcast, each of which is there at once', async () => {
  const app = createApp();
  await app.register(groupcast, { schema });

  expect(app.graphqlWs.path).toBe('/graphql');
  expect(app.graphqlWs.stats().connections).toBe(0);
  expect(app.broadcast).toBeTypeOf('function');
  expect(app.hasPlugin('@groupcast/fastify')).toBe(true);
});

test('S4 registered twice in one app fails, and says so', async () => {
  const app = createApp();
  await app.register(groupcast, { schema });

  await expect(app.register(groupcast, { schema, path: '/other' })).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_REGISTRATION',
    message: expect.stringContaining('this app has it already'),
  });
});

test('S4 registered in two encapsulated parts of one app fails too', async () => {
  const app = createApp();
  await app.register(async (part) => {
    await part.register(groupcast, { schema });
  });

  await expect(
    app.register(async (part) => {
      await part.register(groupcast, { schema, path: '/other' });
    }),
  ).rejects.toMatchObject({ code: 'GROUPCAST_ERR_REGISTRATION' });
});

test('S4 two apps may each have it', async () => {
  for (const app of [createApp(), createApp()]) {
    await app.register(groupcast, { schema });
    await app.ready();
  }
});

test('S4 one definition on two fields fails, and names both', async () => {
  const definition = pings();

  await expect(
    createApp().register(groupcast, {
      schema: schemaWith({ onMessage: definition, onNotice: { ...definition } }),
    }),
  ).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_SUBSCRIPTION_MISPLACED',
    message: expect.stringMatching(/"onNotice".*"onMessage" has the same definition/),
  });
});

test('S4 two definitions made alike are two', async () => {
  const app = createApp();
  await app.register(groupcast, { schema: schemaWith({ onMessage: pings(), onNotice: pings() }) });
  await app.ready();
});

test('S9 a definition of another copy of the package fails, and says why', async () => {
  const foreign = { ...pings(), extensions: { groupcast: { subscribe: () => 'red' } } };

  await expect(
    createApp().register(groupcast, { schema: schemaWith({ onMessage: foreign }) }),
  ).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_SUBSCRIPTION_MISPLACED',
    message: expect.stringContaining('installed twice'),
  });
});

test('a path that a route of the app has already fails, and names the option', async () => {
  const app = createApp();
  app.get('/graphql', () => 'taken');

  await expect(app.register(groupcast, { schema })).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_REGISTRATION',
    message:
      'Cannot register the plugin: the app has a route GET /graphql already, give another with the option path',
  });
});

test('in an encapsulated part a path is taken only when it is with the prefix', async () => {
  const app = createApp();
  app.get('/graphql', () => 'not in the way');
  app.get('/taken/graphql', () => 'in the way');
  const part = (child: FastifyInstance) => child.register(groupcast, { schema });
  const free = createApp();
  free.get('/graphql', () => 'not in the way');
  await free.register(async (child) => void (await part(child)), { prefix: '/taken' });

  await expect(
    app.register(async (child) => void (await part(child)), { prefix: '/taken' }),
  ).rejects.toThrow('GET /taken/graphql already');
});

test('broadcast() before the app is ready reaches nobody, and is no error', async () => {
  const app = createApp();
  const onMessage = pings();
  await app.register(groupcast, { schema: schemaWith({ onMessage }) });

  expect(await app.broadcast(onMessage, { group: 'red', payload: 1 })).toEqual({});
  await app.ready();
});

forEachProtocol((protocol) =>
  describe(`clients find the plugin where it is registered (${protocol})`, () => {
    test.each(['/subscriptions', '/a/b', '/'])('path: clients connect at %s only', async (path) => {
      const {
        app,
        connect: dial,
        onMessage,
      } = await startRooms({ protocol, transport: 'memory' }, {}, { path });
      expect(app.graphqlWs.path).toBe(path);
      const messages = await hear(await dial(), 'red');
      await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

      await messages.expectNext(message('hi'));
      await expect(dial({ path: '/graphql' })).rejects.toThrow('404');
    });

    test('S9 a definition that two apps serve belongs to each of them', async () => {
      const onMessage = pings();
      const connections = [];
      const apps = [createApp(), createApp()];
      for (const app of apps) {
        await app.register(groupcast, { schema: schemaWith({ onMessage }) });
        connections.push(await connect(app, { protocol }));
      }
      const operations = await Promise.all(
        connections.map((client) => client.subscribe('subscription { onMessage }')),
      );
      await apps[0]?.broadcast(onMessage, { group: 'red', payload: 1 });

      await operations[0]?.expectNext({ onMessage: 1 });
      await operations[1]?.expectSilence();
      for (const client of connections) await client.close();
    });

    test('a route of another method on the path is no obstacle', async () => {
      const app = createApp();
      app.post('/graphql', () => 'posted');
      await app.register(groupcast, { schema });
      await using client = await connect(app, { protocol });

      expect(await client.query('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
      expect((await app.inject({ method: 'POST', url: '/graphql' })).body).toBe('posted');
    });

    test('in an encapsulated part it decorates that part, under its prefix', async () => {
      const app = createApp();
      let part: FastifyInstance | undefined;
      const onMessage = pings();
      await app.register(
        async (child) => {
          await child.register(groupcast, { schema: schemaWith({ onMessage }), path: '/live' });
          part = child;
        },
        { prefix: '/api' },
      );
      await app.ready();

      expect(app.hasDecorator('graphqlWs')).toBe(false);
      expect(part?.graphqlWs.path).toBe('/api/live');
      await using client = await connect(app, { protocol, path: '/api/live' });
      const pinged = client.start('subscription { onMessage }');
      await client.fence();
      await part?.graphqlWs.settled();
      await part?.broadcast(onMessage, { group: 'red', payload: 7 });
      await pinged.expectNext({ onMessage: 7 });
      await expect(connect(app, { protocol, path: '/live' })).rejects.toThrow('404');
    });

    test('the hooks of the part in which it is registered guard it', async () => {
      const app = createApp();
      await app.register(
        async (child) => {
          child.addHook('onRequest', async (request, reply) => {
            if (request.headers.authorization !== 'secret') return reply.code(401).send();
          });
          await child.register(groupcast, { schema });
        },
        { prefix: '/guarded' },
      );

      await expect(connect(app, { protocol, path: '/guarded/graphql' })).rejects.toMatchObject({
        statusCode: 401,
      });
      await using client = await connect(app, {
        protocol,
        path: '/guarded/graphql',
        headers: { authorization: 'secret' },
      });
      expect(client.isOpen).toBe(true);
    });

    test('prefix, the option of all plugins, stands before the path', async () => {
      const app = createApp();
      await app.register(groupcast, { schema, prefix: '/v1' });

      expect(app.graphqlWs.path).toBe('/v1/graphql');
      await using client = await connect(app, { protocol });
      expect(await client.query('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    });

    test('a schema without subscriptions serves queries', async () => {
      const app = createApp();
      await app.register(groupcast, { schema });
      await using client = await connect(app, { protocol });

      expect(await client.query('{ hello }')).toEqual({ data: { hello: null } });
      await expect(app.broadcast('onMessage', { payload: 1 })).rejects.toMatchObject({
        code: 'GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN',
        message: 'Cannot broadcast: the schema has no group subscription "onMessage"',
      });
    });
  }),
);
