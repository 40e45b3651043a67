import { channel } from 'node:diagnostics_channel';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { defineSubscription, SKIP, type SubscriptionOptions } from '@groupcast/fastify';
import { GraphQLScalarType, versionInfo } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { fastPaths } from '../src/fast-paths.ts';
import { type DeliveryScene, deliveryScene, type Request } from './support/delivery-scene.ts';
import { keepFastPaths } from './support/fast-paths.ts';
import type { LogLine } from './support/recording-logger.ts';

keepFastPaths();

type Args = Record<string, unknown>;
type Definition = Partial<SubscriptionOptions<unknown, Args, { user?: string }>>;
type Resolvers = Record<string, Record<string, unknown> | GraphQLScalarType>;

const typeDefs = `
  scalar Anything
  scalar Now
  enum Mood { GOOD BAD }
  input Range { from: Int, to: Int }
  interface Node { id: ID }
  type Author implements Node { id: ID, name: String! }
  type Message implements Node {
    id: ID, text: String, mood: Mood, any: Anything, author: Author, tags: [String!], long(by: Int): String
  }
  type Query { hello: String }
  type Subscription {
    onMessage(n: Int = 3, s: String, range: Range, any: Anything, now: Now): Message
    onNode(s: String): Node
  }
`;

function scene(
  definition: Definition = {},
  resolvers: Resolvers = {},
  options: Parameters<typeof deliveryScene>[1] = {},
): DeliveryScene {
  fastPaths.compiledExecution = true;
  const onMessage = defineSubscription({ subscribe: () => 'all', ...definition });
  const onNode = defineSubscription({ subscribe: () => 'all', ...definition });
  const Subscription = { onMessage, onNode };
  const schema = makeExecutableSchema({ typeDefs, resolvers: { ...resolvers, Subscription } });
  return deliveryScene(schema, options);
}

const document = 'subscription { onMessage { id text } }';
const message = { id: '1', text: 'hi' };
const hi = '{"data":{"onMessage":{"id":"1","text":"hi"}}}';

/** What one subscriber gets of a payload, and how many runs graphql had no part in. */
async function hear(here: DeliveryScene, payload: unknown, request: Partial<Request> = {}) {
  const before = here.delivery.stats.compiled;
  const subscriber = await here.subscriber({ document, ...request });
  const [rendered] = here.deliver([subscriber], payload);
  return { text: await rendered, compiled: here.delivery.stats.compiled - before };
}

test.each<[string, Definition]>([
  ['without publish', {}],
  ['by a publish that returns at once', { publish: (value) => value }],
  ['by a publish that takes its time', { publish: async (value) => value }],
  ['by a publish that takes the context', { publish: (value, _args, _context) => value }],
  ['for each of its own', { share: false }],
  ['by key', { shareBy: { key: () => 1, context: () => ({}) } }],
])('a document that only reads the payload needs no executor (%s)', async (_how, definition) => {
  expect(await hear(scene(definition), message)).toEqual({ text: hi, compiled: 1 });
});

test.each<[string, Definition, Resolvers, string]>([
  ['a resolver', {}, { Message: { text: () => 'hi' } }, document],
  ['arguments', {}, {}, 'subscription { onMessage { id text: long(by: 2) } }'],
  ['a function that tells types', {}, { Message: { __isTypeOf: () => true } }, document],
  ['a publish that takes info', { publish: (value, _a, _c, _info) => value }, {}, document],
])('a document that leads to %s is left to graphql', async (_what, definition, resolvers, text) => {
  const payload = { ...message, long: 'hi' };

  expect(await hear(scene(definition, resolvers), payload, { document: text })).toEqual({
    text: hi,
    compiled: 0,
  });
});

test('with middleware all is left to graphql', async () => {
  const here = scene({}, {}, { middleware: [(resolve) => resolve()] });

  expect(await hear(here, message)).toEqual({ text: hi, compiled: 0 });
});

test('where executions are traced all take place in graphql', async () => {
  const trace = channel('tracing:graphql:execute:start');
  let told = 0;
  const count = (): void => {
    told += 1;
  };
  trace.subscribe(count);
  onTestFinished(() => {
    trace.unsubscribe(count);
  });
  const { compiled, text } = await hear(scene(), message);

  expect(text).toBe(hi);
  // graphql 16 tells nothing.
  expect([told, compiled]).toEqual(versionInfo.major > 16 ? [1, 0] : [0, 1]);
});

test('a line of fragments in fragments is left to graphql', async () => {
  const typeDefs = `
    type Pair { left: Pair, right: Pair, end: String }
    type Query { hello: String }
    type Subscription { onPair: Pair }
  `;
  const onPair = defineSubscription({ subscribe: () => 'all' });
  const schema = makeExecutableSchema({ typeDefs, resolvers: { Subscription: { onPair } } });
  const levels = Array.from(
    { length: 25 },
    (_, n) => `fragment F${n} on Pair { left { ...F${n + 1} } right { ...F${n + 1} } }`,
  );
  const text = `subscription { onPair { ...F0 } } ${levels.join(' ')} fragment F25 on Pair { end }`;
  fastPaths.compiledExecution = true;

  expect(await hear(deliveryScene(schema), { left: null }, { document: text })).toEqual({
    text: '{"data":{"onPair":{"left":null,"right":null}}}',
    compiled: 0,
  });
});

const errorText = (text: string | undefined): string =>
  String(text).replaceAll(/"locations":\[.*?\],/g, '');

test.each<[string, unknown, string, Definition['publish']]>([
  [
    'throws',
    message,
    'Internal server error',
    () => {
      throw new Error('fails');
    },
  ],
  [
    'rejects',
    message,
    'Internal server error',
    async () => {
      throw new Error('fails');
    },
  ],
  ['returns an error', message, 'Internal server error', () => new Error('returned')],
])('publish that %s is called once, and its error is that of the field', async (...row) => {
  const [, payload, shown, publish] = row;
  let calls = 0;
  const here = scene({
    publish: (value: unknown) => {
      calls += 1;
      return publish?.(value, {}, {}, undefined as never);
    },
  });
  const { text, compiled } = await hear(here, payload);

  expect(errorText(text)).toBe(
    `{"data":{"onMessage":null},"errors":[{"message":"${shown}","extensions":{"code":"INTERNAL_SERVER_ERROR"},"path":["onMessage"]}]}`,
  );
  expect([calls, compiled]).toEqual([1, 0]);
  expect(here.log.filter(({ level }: LogLine) => level === 'error')).toHaveLength(1);
});

test.each<[string, () => unknown]>([
  ['at once', () => ({ id: '1', text: Promise.resolve('hi') })],
  ['later', async () => ({ id: '1', text: Promise.resolve('hi') })],
])('a run that is given up calls publish no second time (%s)', async (_when, make) => {
  let calls = 0;
  const here = scene({
    publish: () => {
      calls += 1;
      return make();
    },
  });

  expect(await hear(here, message)).toEqual({ text: hi, compiled: 0 });
  expect(calls).toBe(1);
  expect(await hear(here, message)).toEqual({ text: hi, compiled: 0 });
  expect(calls).toBe(2);
});

test.each<[string, () => unknown]>([
  ['at once', () => SKIP],
  ['later', async () => SKIP],
])('P1 SKIP sends nothing (%s)', async (_when, publish) => {
  const here = scene({ publish });

  expect((await hear(here, message)).text).toBeUndefined();
  expect(here.log).toEqual([]);
});

test('publish receives arguments as graphql makes them, and no run sees what another did to them', async () => {
  const seen: string[] = [];
  const document = `subscription ($s: String, $range: Range, $any: Anything) {
    onMessage(s: $s, range: $range, any: $any) { id text }
  }`;
  const here = scene({
    publish: (value, args) => {
      seen.push(JSON.stringify(args), String(Object.getPrototypeOf(args) === null));
      args['s'] = 'changed';
      Object.assign(args['range'] ?? {}, { from: 'changed' });
      Object.assign(args['any'] ?? {}, { list: 'changed' });
      return value;
    },
  });
  const requests = [
    {
      document: 'subscription ($s: String) { onMessage(s: $s) { id text } }',
      variables: { s: 'a' },
    },
    { document, variables: { s: 'a', range: { from: 1 }, any: { list: [1] } } },
  ];
  const texts = async (): Promise<string[]> => {
    seen.length = 0;
    for (const request of requests) {
      const subscriber = await here.subscriber(request);
      for (let n = 0; n < 2; n += 1) await here.deliver([subscriber], message)[0];
    }
    return [...seen];
  };
  const fast = await texts();
  expect(here.delivery.stats.compiled).toBe(4);
  fastPaths.compiledExecution = false;

  expect(fast).toEqual(await texts());
  expect(fast[0]).toBe('{"n":3,"s":"a"}');
  expect(fast[4]).toBe('{"n":3,"s":"a","range":{"from":1},"any":{"list":[1]}}');
  expect(fast.slice(0, 2)).toEqual(fast.slice(2, 4));
  expect(fast.slice(4, 6)).toEqual(fast.slice(6, 8));
});

test('a scalar that gives another value each time is asked for each event', async () => {
  let now = 0;
  const Now = new GraphQLScalarType({
    name: 'Now',
    parseValue: () => {
      now += 1;
      if (now > 3) throw new Error('too late');
      return now;
    },
  });
  const here = scene({ publish: (_value, args) => ({ text: `at ${args['now']}` }) }, { Now });
  const document = 'subscription ($now: Now) { onMessage(now: $now) { text } }';
  const subscriber = await here.subscriber({ document, variables: { now: 'x' } });
  const texts: unknown[] = [];
  for (let n = 0; n < 3; n += 1) texts.push(await here.deliver([subscriber], message)[0]);
  fastPaths.compiledExecution = false;
  texts.push(await here.deliver([subscriber], message)[0]);

  expect(texts.slice(0, 2)).toEqual([
    '{"data":{"onMessage":{"text":"at 2"}}}',
    '{"data":{"onMessage":{"text":"at 3"}}}',
  ]);
  expect(texts[2]).toContain('too late');
  expect(texts[2]).toBe(texts[3]);
});

test('@skip and @include are decided by the variables of each subscriber', async () => {
  const here = scene();
  const document = `subscription ($a: Boolean!, $b: Boolean!) {
    onMessage { id @skip(if: $a) ...on Message @include(if: $b) { text } }
  }`;
  const texts: unknown[] = [];
  for (const [a, b] of [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ]) {
    texts.push((await hear(here, message, { document, variables: { a, b } })).text);
  }

  expect(texts).toEqual([
    '{"data":{"onMessage":{"text":"hi"}}}',
    '{"data":{"onMessage":{}}}',
    hi,
    '{"data":{"onMessage":{"id":"1"}}}',
  ]);
  expect(here.delivery.stats.compiled).toBe(4);
});

test('of many combinations of conditions the first 16 are compiled, and all are right', async () => {
  const here = scene();
  const names = ['a', 'b', 'c', 'd', 'e'];
  const document = `subscription (${names.map((name) => `$${name}: Boolean!`).join(' ')}) {
    onMessage { ${names.map((name) => `${name}: id @include(if: $${name})`).join(' ')} }
  }`;
  for (let bits = 0; bits < 32; bits += 1) {
    const chosen = names.filter((_name, index) => Math.trunc(bits / 2 ** index) % 2 === 1);
    const variables = Object.fromEntries(names.map((name) => [name, chosen.includes(name)]));
    const { text } = await hear(here, message, { document, variables });
    const expected = Object.fromEntries(chosen.map((name) => [name, '1']));

    expect(text).toBe(JSON.stringify({ data: { onMessage: expected } }));
  }

  expect(here.delivery.stats.compiled).toBe(16);
});

test('enums have their names, and scalars what they make of a value', async () => {
  const Anything = new GraphQLScalarType({
    name: 'Anything',
    serialize: (value) => (value instanceof Date ? value.toISOString() : value),
  });
  const here = scene({}, { Mood: { GOOD: 7 }, Anything });
  const document = 'subscription { onMessage { mood any tags author { __typename id: name } } }';
  const payload = { mood: 7, any: new Date(0), tags: ['a"b', 'ü'], author: { name: 'Ann' } };

  expect(await hear(here, payload, { document })).toEqual({
    text: '{"data":{"onMessage":{"mood":"GOOD","any":"1970-01-01T00:00:00.000Z","tags":["a\\"b","ü"],"author":{"__typename":"Author","id":"Ann"}}}}',
    compiled: 1,
  });
  expect((await hear(here, { ...payload, any: { a: [1] } }, { document })).text).toContain(
    '"any":{"a":[1]}',
  );
});

test('a value of an interface is of the type that it names', async () => {
  const document = 'subscription { onNode { id ...on Author { name } } }';
  const payload = { __typename: 'Author', id: 'a', name: 'Ann' };

  expect(await hear(scene(), payload, { document })).toEqual({
    text: '{"data":{"onNode":{"id":"a","name":"Ann"}}}',
    compiled: 1,
  });
});

test('a function among the values is called with the context of who asks, and ends the sharing', async () => {
  const calls: unknown[] = [];
  const here = scene({
    publish: (value: unknown) => ({
      id: '1',
      text: (...all: [Args, { user?: string }, { rootValue: unknown }]) => {
        calls.push([all[0], all[2].rootValue === value]);
        return `for ${all[1].user}`;
      },
    }),
  });
  const subscribers = [
    await here.subscriber({ document, context: { user: 'ann' } }),
    await here.subscriber({ document, context: { user: 'bob' } }),
  ];

  expect(await Promise.all(here.deliver(subscribers, message))).toEqual([
    '{"data":{"onMessage":{"id":"1","text":"for ann"}}}',
    '{"data":{"onMessage":{"id":"1","text":"for bob"}}}',
  ]);
  expect(calls).toEqual([
    [{}, true],
    [{}, true],
  ]);
  expect(here.log.map(({ details }) => details['culprits'])).toEqual([['Message.text']]);
});

test.each<[string, () => unknown]>([
  [
    'a list that iterates in its own way',
    () => ({
      tags: Object.assign(['a'], { [Symbol.iterator]: () => ['b'][Symbol.iterator]() }),
    }),
  ],
  ['a list to be waited for', () => ({ tags: Promise.resolve(['b']) })],
  ['a list that is no array', () => ({ tags: new Set(['b']) })],
  ['a value that is told its key', () => ({ any: { toJSON: (key: string) => `key ${key}` } })],
  ['a value that JSON has no text for', () => ({ any: 1n })],
])('%s is left to graphql', async (_what, publish) => {
  const document = 'subscription { onMessage { tags any } }';
  const here = scene({ publish });
  const fast = await hear(here, message, { document });
  fastPaths.compiledExecution = false;
  const plain = await hear(here, message, { document });

  expect(fast).toEqual({ text: plain.text, compiled: 0 });
});

test('arguments that are the same in each run are handed out anew all the same', async () => {
  const seen: unknown[] = [];
  const here = scene({
    publish: (_value, args) => {
      seen.push(args['s']);
      args['s'] = 'changed';
      return null;
    },
  });
  const document = 'subscription ($s: String) { onNode(s: $s) { id } }';
  const subscriber = await here.subscriber({ document, variables: { s: 'a' } });
  for (let n = 0; n < 3; n += 1) await here.deliver([subscriber], message)[0];

  expect(seen).toEqual(['a', 'a', 'a']);
  expect(here.delivery.stats.compiled).toBe(3);
});
