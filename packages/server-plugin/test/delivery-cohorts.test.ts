import { makeExecutableSchema } from '@graphql-tools/schema';
import { defineSubscription, type SubscriptionOptions } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { type DeliveryScene, deliveryScene } from './support/delivery-scene.ts';

interface Context {
  readonly user: string;
}

const typeDefs = `
  scalar Any
  type Query { hello: String }
  type Subscription { onMessage(any: Any, more: Any): String }
`;

function scene(definition: Partial<SubscriptionOptions<string, { any?: unknown }, Context>> = {}) {
  const onMessage = defineSubscription<string, { any?: unknown }, Context>({
    subscribe: () => 'all',
    ...definition,
  });
  return deliveryScene(
    makeExecutableSchema({ typeDefs, resolvers: { Subscription: { onMessage } } }),
  );
}

const document = 'subscription ($any: Any) { onMessage(any: $any) }';

async function cohortOf(
  { subscriber }: DeliveryScene,
  variables: { readonly [name: string]: unknown },
): Promise<unknown> {
  const { plan } = await subscriber({ document, variables });
  return plan.cohortKey;
}

test('subscribers with the same text and the same declared variables are of one cohort', async () => {
  const here = scene();

  expect(await cohortOf(here, { any: 1 })).toBe(await cohortOf(here, { any: 1 }));
  expect(await cohortOf(here, { any: 1, undeclared: 2 })).toBe(await cohortOf(here, { any: 1 }));
});

test('values that JSON texts tell apart are never of one cohort', async () => {
  const here = scene();
  const texts = ['{}', '0', '-0', '1e400', '-1e400', 'null', '"null"', '"0"', '[null]', '[1e400]'];
  const keys = new Set<unknown>();

  for (const text of texts) {
    keys.add(await cohortOf(here, text === '{}' ? {} : JSON.parse(`{"any":${text}}`)));
  }

  expect(keys.size).toBe(texts.length);
});

test('T35 a value so deep that it cannot be written as JSON is refused', async () => {
  const here = scene();
  const depth = 50_000;
  const any: unknown = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

  await expect(cohortOf(here, { any })).rejects.toThrow(RangeError);
});

test('another text of the same document makes another cohort', async () => {
  const { subscriber } = scene();
  const one = await subscriber({ document });
  const other = await subscriber({ document: `${document} ` });

  expect(other.plan.cohortKey).not.toBe(one.plan.cohortKey);
});

test.each([
  ['an object', () => ({ locale: 'en' })],
  ['an array', () => ['en']],
  ['a promise', async () => 'en'],
  ['a rejected promise', () => Promise.reject(new Error('no key'))],
  ['a symbol', () => Symbol('en')],
  ['a function', () => () => 'en'],
  ['not a number', () => Number.NaN],
])(
  'a key of shareBy that is %s is no key: the subscriber shares with nobody',
  async (_kind, key) => {
    const { deliver, log, subscriber } = scene({
      // Beyond its types, as an app in JavaScript can do.
      shareBy: { key: key as never, context: () => ({ user: 'shared' }) },
      publish: (_message, _args, { user }) => user,
    });
    const ann = await subscriber({ document, context: { user: 'ann' } });
    const bob = await subscriber({ document, context: { user: 'bob' } });

    expect(deliver([ann, bob], 'x')).toEqual([
      '{"data":{"onMessage":"ann"}}',
      '{"data":{"onMessage":"bob"}}',
    ]);
    expect(log).toHaveLength(2);
  },
);

test('keys of shareBy that look alike are different keys', async () => {
  const { subscriber } = scene({
    shareBy: { key: ({ user }) => user, context: (key) => ({ user: key }) },
  });
  const keys = new Set<unknown>();
  const users: readonly unknown[] = [1, '1', 1n, true, 'true', 0, -0, ''];

  for (const user of users) {
    keys.add((await subscriber({ document, context: { user } })).plan.cohortKey);
  }

  expect(keys.size).toBe(users.length);
});
