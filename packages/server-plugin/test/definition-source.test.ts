import { makeExecutableSchema } from '@graphql-tools/schema';
import { defineSubscription, SKIP } from '@groupcast/fastify';
import { parse, subscribe as subscribeElsewhere } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createSource } from '../src/delivery/graphql-api.ts';
import { FailedPayload } from '../src/subscription/failed-payload.ts';
import { findSubscriptions } from '../src/subscription/find-subscriptions.ts';
import { GroupSource } from '../src/subscription/group-source.ts';

type Options = Parameters<typeof defineSubscription>[0];

const typeDefs = `
  type Query { hello: String }
  type Subscription { onMessage(room: String): String, onOther: String }
`;
const document = parse('subscription { onMessage(room: "red") }');

function schemaWith(options: Partial<Options>, others: Record<string, unknown> = {}) {
  const onMessage = defineSubscription({ subscribe: () => 'all', ...options });
  return makeExecutableSchema({
    typeDefs,
    resolvers: { Subscription: { onMessage, ...others } as never },
  });
}

async function sourceOf(options: Partial<Options>, context: unknown = {}) {
  return createSource({
    schema: schemaWith(options),
    document,
    rootValue: undefined,
    contextValue: context,
  });
}

async function groupSourceOf(options: Partial<Options>, context?: unknown): Promise<GroupSource> {
  const source = await sourceOf(options, context);
  if (!(source instanceof GroupSource)) throw new Error('no group source');
  return source;
}

describe('S1 subscribe', () => {
  test.each<[string, () => ReturnType<Options['subscribe']>, readonly string[]]>([
    ['a string is one group', () => 'red', ['red']],
    ['an empty string is a group', () => '', ['']],
    ['an array names several', () => ['red', 'blue'], ['red', 'blue']],
    ['nothing is no group', () => undefined, []],
    ['null is no group', () => null, []],
    ['a promise is waited for', async () => ['red'], ['red']],
    ['S3 a name given twice counts once', () => ['b', 'a', 'b', 'b'], ['b', 'a']],
  ])('%s', async (_rule, subscribe, groups) => {
    expect((await groupSourceOf({ subscribe })).groups).toEqual(groups);
  });

  test('S1 runs once, with arguments and context, which the source keeps', async () => {
    const calls: unknown[][] = [];
    const context = { user: 'ann' };
    const source = await groupSourceOf(
      {
        subscribe: (root, args, ctx, info) => {
          calls.push([root, args, ctx, info]);
          return 'all';
        },
      },
      context,
    );

    expect(calls).toEqual([[source.root, source.args, source.context, source.info]]);
    expect(source.context).toBe(context);
    expect(source.args).toMatchObject({ room: 'red' });
  });

  test.each<[string, unknown, string]>([
    ['a number', [1], '1'],
    ['undefined', ['red', undefined], 'undefined'],
    ['a hole', Array.from({ length: 1 }), 'undefined'],
    ['an object', [{ room: 'red' }], "{ room: 'red' }"],
    ['a set in place of an array', new Set(['red']), 'Set(1)'],
    ['a boolean in place of a name', false, 'false'],
  ])(
    'S5 %s among the groups is an error of the app that names the value and the field',
    async (_kind, returned, shown) => {
      const source = await sourceOf({ subscribe: () => returned as never });

      const [error] = 'errors' in source ? source.errors : [];
      expect(error?.originalError).toMatchObject({
        code: 'GROUPCAST_ERR_GROUP_NAMES_INVALID',
        message: expect.stringContaining(`"onMessage": its subscribe function returned ${shown}`),
      });
    },
  );
});

describe('initial', () => {
  test('S7 makes a payload of what subscribe was called with', async () => {
    const source = await groupSourceOf({ initial: (_root, args) => ({ first: args }) });

    await expect(source.initialPayload()).resolves.toEqual({ first: { room: 'red' } });
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no snapshot');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no snapshot'))],
  ])('that %s gives a payload that fails as publish would', async (_how, initial) => {
    const payload = await (await groupSourceOf({ initial })).initialPayload();

    expect(payload).toBeInstanceOf(FailedPayload);
    expect(payload).toMatchObject({ error: new Error('no snapshot') });
  });

  test('may skip', async () => {
    const source = await groupSourceOf({ initial: () => SKIP });

    await expect(source.initialPayload()).resolves.toBe(SKIP);
  });
});

test('an executor that iterates a group subscription is told where it is served', async () => {
  const started = (async () => {
    const stream = await subscribeElsewhere({ schema: schemaWith({}), document });
    if (Symbol.asyncIterator in stream) await stream[Symbol.asyncIterator]().next();
  })();

  await expect(started).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_GROUP_SOURCE_ITERATED',
    message: expect.stringContaining('"onMessage"'),
  });
});

describe('S4 the definitions of a schema', () => {
  test('are found by their fields; plain subscriptions are left alone', () => {
    const schema = schemaWith({}, { onOther: { subscribe: async function* () {} } });

    expect([...findSubscriptions(schema).keys()]).toEqual(['onMessage']);
  });

  test('sit on one field each', () => {
    const both = defineSubscription({ subscribe: () => 'all' });
    const schema = makeExecutableSchema({
      typeDefs,
      resolvers: { Subscription: { onMessage: both, onOther: { ...both } } as never },
    });

    expect(() => findSubscriptions(schema)).toThrowError(
      expect.objectContaining({
        code: 'GROUPCAST_ERR_SUBSCRIPTION_MISPLACED',
        message: expect.stringMatching(/"onOther".*"onMessage"/),
      }),
    );
  });

  test('were made by this copy of the package', () => {
    const schema = schemaWith({}, { onOther: { extensions: { groupcast: { share: true } } } });

    expect(() => findSubscriptions(schema)).toThrowError(/"onOther".*installed twice/);
  });

  test('of a schema without subscriptions are none', () => {
    const schema = makeExecutableSchema({ typeDefs: 'type Query { hello: String }' });

    expect(findSubscriptions(schema).size).toBe(0);
  });
});
