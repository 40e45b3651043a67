import { makeExecutableSchema } from '@graphql-tools/schema';
import { defineSubscription, type SubscriptionOptions } from '@groupcast/fastify';
import fc from 'fast-check';
import { GraphQLScalarType } from 'graphql';
import { expect, test } from 'vitest';
import { fastPaths } from '../src/fast-paths.ts';
import { deliveryScene } from './support/delivery-scene.ts';
import { keepFastPaths } from './support/fast-paths.ts';
import { type ReadingCase, readingCases } from './support/reading-cases.ts';

keepFastPaths();

const scalars = {
  Anything: new GraphQLScalarType({ name: 'Anything' }),
  Moment: new GraphQLScalarType({
    name: 'Moment',
    serialize: (value) => {
      if (value instanceof Date) return value.toISOString();
      throw new TypeError('no moment');
    },
  }),
};

/** What waits for an object whose `then` calls nobody: nothing else here takes turns. */
async function never(): Promise<string> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return 'never';
}

type Options = Partial<SubscriptionOptions<unknown, Record<string, unknown>, unknown>>;

/** The options of a definition, made from those that count publications. */
type Definition = (counting: Options) => Options;

/** What two subscribers get of one event, all that was logged, and how often functions were called. */
async function hear(
  { typeDefs, document, variables, payload }: ReadingCase,
  definition: Definition,
) {
  let publications = 0;
  const onMessage = defineSubscription({
    subscribe: () => 'all',
    ...definition({
      publish: (value: unknown) => {
        publications += 1;
        return value;
      },
    }),
  });
  const Color = { RED: 1, GREEN: 'green' };
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: { ...scalars, Color, Subscription: { onMessage } },
  });
  const scene = deliveryScene(schema);
  const ann = await scene.subscriber({ document, variables, context: { user: 'ann' } });
  const bob = await scene.subscriber({ document, variables, context: { user: 'bob' } });
  // Not a function: the scene would take that for what makes the payload.
  const results = await Promise.all(
    scene.deliver([ann, bob], () => payload()).map((result) => Promise.race([result, never()])),
  );
  const { compiled } = scene.delivery.stats;
  const logged = scene.log.map(({ level, message }) => `${level} ${message}`);
  return { heard: { results, logged, publications }, compiled };
}

test.each<[string, Definition]>([
  ['shared', (counting) => counting],
  ['shared, without a publish', () => ({})],
  ['shared, published later', () => ({ publish: async (value: unknown) => value })],
  [
    'shared by key',
    (counting) => ({
      ...counting,
      shareBy: { key: () => 1, context: () => ({ user: 'all' }) },
    }),
  ],
  ['own', (counting) => ({ ...counting, share: false })],
])(
  'compiled runs give what graphql gives, byte by byte, whatever is published (%s)',
  async (_kind, definition) => {
    let runs = 0;
    let compiledRuns = 0;
    await fc.assert(
      fc.asyncProperty(readingCases, async (each) => {
        fastPaths.compiledExecution = true;
        const fast = await hear(each, definition);
        fastPaths.compiledExecution = false;
        const plain = await hear(each, definition);

        expect(fast.heard).toEqual(plain.heard);
        expect(plain.compiled).toBe(0);
        runs += 1;
        if (fast.compiled > 0) compiledRuns += 1;
      }),
      { numRuns: 200 },
    );

    // Without compiled runs nothing would have been compared.
    expect(compiledRuns).toBeGreaterThan(runs / 4);
    expect(compiledRuns).toBeLessThan(runs);
  },
);
