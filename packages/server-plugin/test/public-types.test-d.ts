import groupcast, {
  type ConnectionStateOfApp,
  createBroadcaster,
  defineSubscription,
  type EndReason,
  type Published,
  SKIP,
} from '@groupcast/fastify';
import { type RedisEmitterOptions, redisEmitter } from '@groupcast/fastify/redis';
import Fastify, { type FastifyRequest } from 'fastify';
import { GraphQLSchema } from 'graphql';
import mqemitter from 'mqemitter';
import mqemitterRedis from 'mqemitter-redis';
import { describe, expectTypeOf, test } from 'vitest';

interface Row {
  readonly id: number;
  readonly text: string;
}

interface Context {
  readonly user: { readonly id: number };
}

const app = Fastify();
const schema = new GraphQLSchema({});

const onMessage = defineSubscription({
  subscribe: async (_root, args: { room: string }, context: Context) => {
    expectTypeOf(context.user.id).toEqualTypeOf<number>();
    return [args.room];
  },
  filter: (message: Row, args, context) => {
    expectTypeOf(args).toEqualTypeOf<{ room: string }>();
    expectTypeOf(context).toEqualTypeOf<Context>();
    return message.id !== context.user.id;
  },
  publish: (message, args) => {
    expectTypeOf(message).toEqualTypeOf<Row>();
    expectTypeOf(args.room).toEqualTypeOf<string>();
    return message.text === '' ? SKIP : message;
  },
  unsubscribed: (reason, args, context) => {
    expectTypeOf(reason).toEqualTypeOf<EndReason>();
    expectTypeOf(args.room).toEqualTypeOf<string>();
    expectTypeOf(context.user.id).toEqualTypeOf<number>();
  },
});

const onTick = defineSubscription<number>({ subscribe: () => undefined });

test('broadcast checks payload and group against the definition', () => {
  expectTypeOf(
    app.broadcast(onMessage, { group: 'kittens', payload: { id: 1, text: 'hi' } }),
  ).toEqualTypeOf<Promise<Published>>();
  app.broadcast(onMessage, { payload: { id: 1, text: 'hi' } });
  app.broadcast(onTick, { payload: 1 });

  // @ts-expect-error a member of the payload is missing
  app.broadcast(onMessage, { payload: { id: 1 } });
  // @ts-expect-error a member of the payload has another type
  app.broadcast(onMessage, { payload: { id: '1', text: 'hi' } });
  // @ts-expect-error the payload is missing
  app.broadcast(onMessage, { group: 'kittens' });
  // @ts-expect-error a group is a string
  app.broadcast(onMessage, { group: 1, payload: { id: 1, text: 'hi' } });
  // @ts-expect-error there is no such key
  app.broadcast(onMessage, { groups: ['kittens'], payload: { id: 1, text: 'hi' } });
  // @ts-expect-error the payload of another subscription
  app.broadcast(onTick, { payload: { id: 1, text: 'hi' } });
  // @ts-expect-error what is broadcast to is a definition or the name of its field
  app.broadcast(1, { payload: 1 });
});

test('broadcast by the name of the field takes any payload', () => {
  app.broadcast('onMessage', { group: 'kittens', payload: 1 });

  // @ts-expect-error a group is a string
  app.broadcast('onMessage', { group: null, payload: 1 });
});

test('a broadcaster without a server is typed in the same way', () => {
  const { broadcast } = createBroadcaster({
    emitter: mqemitter(),
    subscriptions: { onMessage, onTick },
  });
  broadcast(onMessage, { group: 'kittens', payload: { id: 1, text: 'hi' } });

  // @ts-expect-error the payload of another subscription
  broadcast(onMessage, { payload: 1 });
});

test('a broadcaster without a server orders as the instance does', () => {
  const { unsubscribe, disconnect } = createBroadcaster({
    emitter: mqemitter(),
    subscriptions: { onMessage },
  });
  expectTypeOf(unsubscribe(onMessage, { group: 'kittens' })).toEqualTypeOf<Promise<void>>();
  expectTypeOf(disconnect({ tag: 'user:1', code: 4001 })).toEqualTypeOf<Promise<void>>();
  expectTypeOf(unsubscribe).toEqualTypeOf(app.graphqlWs.unsubscribe);
  expectTypeOf(disconnect).toEqualTypeOf(app.graphqlWs.disconnect);
  unsubscribe('onMessage');

  // @ts-expect-error a group is a string
  unsubscribe(onMessage, { group: 1 });
  // @ts-expect-error there is no such key
  unsubscribe(onMessage, { groups: ['kittens'] });
  // @ts-expect-error a tag is needed
  disconnect({ code: 4001 });
});

test('a definition says where its parts do not fit', () => {
  // @ts-expect-error groups are names
  defineSubscription({ subscribe: () => 1 });
  // @ts-expect-error groups are names
  defineSubscription({ subscribe: async () => [1] });
  // @ts-expect-error there is no such policy
  defineSubscription({ subscribe: () => 'a', overflow: 'drop-newest' });
  // @ts-expect-error subscribe is missing
  defineSubscription({ publish: (message: Row) => message });
  // @ts-expect-error there is no such option
  defineSubscription({ subscribe: () => 'a', resolve: () => 1 });
  defineSubscription({
    // @ts-expect-error the arguments are those of filter
    subscribe: (_root, _args: { room: string }) => 'a',
    filter: (_message: Row, args: { room: number }) => args.room > 0,
  });
});

test('the key of shareBy is what its context is made of', () => {
  defineSubscription({
    subscribe: (_root, _args: { room: string }, _context: Context) => 'a',
    shareBy: {
      key: (context) => context.user.id,
      context: (key) => {
        expectTypeOf(key).toEqualTypeOf<number>();
        return { user: { id: key } };
      },
    },
  });
});

test('options are checked, and hooks know what they get', () => {
  app.register(groupcast, {
    schema,
    onConnect: (connection, request) => {
      expectTypeOf(connection.state).toEqualTypeOf<ConnectionStateOfApp>();
      expectTypeOf(request).toExtend<FastifyRequest>();
      return { state: { user: 1 }, tags: ['a'], expiresAt: new Date() };
    },
    context: ({ connection, operation }) => {
      expectTypeOf(connection.params).toExtend<object>();
      expectTypeOf(operation.signal).toEqualTypeOf<AbortSignal>();
      return { user: connection.state['user'] };
    },
    renewContext: (context: Context) => ({ ...context }),
    limits: { queueLimit: 1 },
    keepAlive: false,
  });

  // @ts-expect-error the schema is missing
  app.register(groupcast, { path: '/graphql' });
  // @ts-expect-error there is no such option
  app.register(groupcast, { schema, paths: '/graphql' });
  // @ts-expect-error there is no such limit
  app.register(groupcast, { schema, limits: { queue: 1 } });
  // @ts-expect-error tags are strings
  app.register(groupcast, { schema, onConnect: () => ({ tags: [1] }) });
  // @ts-expect-error there is no such answer
  app.register(groupcast, { schema, onConnect: () => ({ user: 1 }) });
});

test('the instance has the decorators', () => {
  expectTypeOf(app.graphqlWs.stats().connections).toEqualTypeOf<number>();
  expectTypeOf(app.graphqlWs.unsubscribe(onMessage, { group: 'a' })).toEqualTypeOf<Promise<void>>();
  expectTypeOf(app.graphqlWs.explainSharing('').shared).toEqualTypeOf<
    'proven' | 'said' | 'never'
  >();

  // @ts-expect-error a tag is needed
  app.graphqlWs.disconnect({});
});

describe('emitters on Redis', () => {
  const emitter = redisEmitter({ url: 'redis://127.0.0.1', options: { tls: {}, db: 1 } });

  test('that of redisEmitter, and one made by hand, go to the plugin and to a broadcaster', () => {
    app.register(groupcast, { schema, emitter });
    app.register(groupcast, { schema, emitter: mqemitterRedis({ connectionString: '' }) });
    createBroadcaster({ emitter, subscriptions: { onMessage } });
    createBroadcaster({ emitter: mqemitterRedis(), subscriptions: { onMessage } });
  });

  test('it is closed with a callback, as a hook has one', () => {
    app.addHook('onClose', (_instance, done) => emitter.close(done));
    expectTypeOf(emitter.close).parameter(0).toEqualTypeOf<() => void>();
  });

  test('its options are checked, those of ioredis too', () => {
    expectTypeOf(redisEmitter).parameter(0).toEqualTypeOf<RedisEmitterOptions | undefined>();
    redisEmitter();
    redisEmitter({ options: { sentinels: [{ host: 'a', port: 26379 }], name: 'main' } });

    // @ts-expect-error there is no such option
    redisEmitter({ connectionString: 'redis://127.0.0.1' });
    // @ts-expect-error an URL is a string
    redisEmitter({ url: new URL('redis://127.0.0.1') });
    // @ts-expect-error ioredis has no such option
    redisEmitter({ options: { hots: 'a' } });
  });

  test('the health and the figures are typed', () => {
    app.graphqlWs.on('health', ({ status, lastError, since }) => {
      expectTypeOf(status).toEqualTypeOf<'up' | 'degraded' | 'down'>();
      expectTypeOf(lastError).toEqualTypeOf<Error | undefined>();
      expectTypeOf(since).toEqualTypeOf<Date>();
    });
    expectTypeOf(app.broadcast(onTick, { payload: 1 })).resolves.toEqualTypeOf<Published>();
    expectTypeOf<Published['processes']>().toEqualTypeOf<number | undefined>();
  });
});
