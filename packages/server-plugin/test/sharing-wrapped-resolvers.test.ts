import { makeExecutableSchema } from '@graphql-tools/schema';
import { defineSubscription, SKIP } from '@groupcast/fastify';
import { GraphQLError, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { deliveryScene } from './support/delivery-scene.ts';

type Resolver = GraphQLFieldResolver<unknown, unknown>;

interface Context {
  readonly user: string;
}

const typeDefs = `
  type Query { hello: String }
  type Subscription { onMessage: String, onOther: String }
`;
const document = 'subscription { onMessage }';

const seesTheUser = defineSubscription({
  subscribe: () => 'all',
  publish: (_message: string, _args, { user }: Context) => user,
});

/** A schema whose resolver of `onMessage` was replaced after it was made, as directives do it. */
function wrapped(
  publish: (message: string) => unknown,
  wrap: (resolve: Resolver) => Resolver,
): GraphQLSchema {
  const onMessage = defineSubscription({ subscribe: () => 'all', publish });
  const schema = makeExecutableSchema({ typeDefs, resolvers: { Subscription: { onMessage } } });
  const field = schema.getSubscriptionType()?.getFields()['onMessage'];
  if (field?.resolve) field.resolve = wrap(field.resolve);
  return schema;
}

const upper =
  (resolve: Resolver): Resolver =>
  async (source, args, context, info) => {
    const value = await resolve(source, args, context, info);
    return typeof value === 'string' ? value.toUpperCase() : value;
  };

describe('a resolver that wraps publish', () => {
  test('is judged itself: one that receives the context is not shared', async () => {
    const schema = wrapped((message) => message, upper);
    const { delivery, deliver, subscriber } = deliveryScene(schema);

    expect(delivery.explainSharing(document)).toMatchObject({
      shared: 'never',
      why: 'Subscription.onMessage declares 4 parameters',
    });
    await expect(deliver([await subscriber({ document })], 'hi')[0]).resolves.toBe(
      '{"data":{"onMessage":"HI"}}',
    );
  });

  test.each<[string, (resolve: Resolver) => Resolver]>([
    ['passes values on', upper],
    [
      'puts errors of its own around what was thrown',
      (resolve) => (source, args, context, info) => {
        try {
          return resolve(source, args, context, info);
        } catch (cause) {
          throw new GraphQLError('translated', {
            originalError: cause instanceof Error ? cause : null,
          });
        }
      },
    ],
  ])('P1 that %s lets SKIP through', async (_what, wrap) => {
    const { deliver, log, subscriber } = deliveryScene(wrapped(() => SKIP, wrap));

    const [result] = deliver([await subscriber({ document })], 'hi');

    expect(await result).toBeUndefined();
    expect(log).toEqual([]);
  });
});

test('the resolver of another definition is no plain one: its publish was not judged', async () => {
  const onMessage = {
    ...defineSubscription({ subscribe: () => 'all' }),
    resolve: seesTheUser.resolve,
  };
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: { Subscription: { onMessage } as never },
  });
  const { deliver, delivery, subscriber } = deliveryScene(schema);
  const ann = await subscriber({ document, context: { user: 'ann' } });
  const bob = await subscriber({ document, context: { user: 'bob' } });

  expect(delivery.explainSharing(document).shared).toBe('never');
  expect(deliver([ann, bob], 'hi')).toEqual([
    '{"data":{"onMessage":"ann"}}',
    '{"data":{"onMessage":"bob"}}',
  ]);
});
