import { makeExecutableSchema } from '@graphql-tools/schema';
import { defineSubscription, SKIP } from '@groupcast/fastify';
import { getEventListeners } from 'node:events';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { deliveryScene } from './support/delivery-scene.ts';

const typeDefs = `
  scalar Any
  type Query { hello: String }
  type Subscription { onMessage(any: Any): String }
`;
const document = 'subscription { onMessage }';
function scene(definition: any, options: any = {}) {
  const onMessage = defineSubscription({ subscribe: () => 'all', ...definition });
  return deliveryScene(makeExecutableSchema({ typeDefs, resolvers: { Subscription: { onMessage } } }), options);
}

test('A renewContext failing bypasses filter of a shared plan', async () => {
  const { deliver, subscriber } = scene(
    { filter: (_m: any, _a: any, ctx: any) => ctx.admin === true },
    { renewContext: () => { throw new Error('db down'); } },
  );
  const ann = await subscriber({ document, context: { admin: false } });
  const [r] = deliver([ann], 'secret');
  expect(String(await r)).not.toContain('secret');
});

test('B prototype filter lost', async () => {
  class Def { subscribe = () => 'all'; filter() { return false; } }
  let threw = false;
  try {
    const onMessage = defineSubscription(new Def() as any);
    const { deliver, subscriber } = deliveryScene(makeExecutableSchema({ typeDefs, resolvers: { Subscription: { onMessage } } }));
    const ann = await subscriber({ document });
    const [r] = deliver([ann], 'secret');
    expect(await r).toBeUndefined();
  } catch (e) { if ((e as any).code) threw = true; else throw e; }
});

test('C args of one enter shared run (identity scalar)', async () => {
  const seen: unknown[] = [];
  const { deliver, subscriber } = scene({
    filter: (_m: any, args: any, ctx: any) => { args.any.viewer = ctx.user; return true; },
    publish: (m: any, args: any) => { seen.push(args.any); return `${m} for ${args.any.viewer}`; },
  });
  const doc = 'subscription ($any: Any) { onMessage(any: $any) }';
  const ann = await subscriber({ document: doc, context: { user: 'ann' }, variables: JSON.parse('{"any":{}}') });
  const bob = await subscriber({ document: doc, context: { user: 'bob' }, variables: JSON.parse('{"any":{}}') });
  const out = await Promise.all(deliver([ann, bob], 'hi'));
  expect(out[1]).not.toContain('ann');
});

test('C2 a resolver that changes args changes them for the next event', async () => {
  const { deliver, subscriber } = scene({
    publish: (m: any, args: any) => { args.any.n = (args.any.n ?? 0) + 1; return String(args.any.n); },
  });
  const doc = 'subscription ($any: Any) { onMessage(any: $any) }';
  const ann = await subscriber({ document: doc, variables: JSON.parse('{"any":{}}') });
  await Promise.all(deliver([ann], 'hi'));
  const out = await Promise.all(deliver([ann], 'hi'));
  expect(out[0]).toBe('{"data":{"onMessage":"1"}}');
});

test('D ended while async filter runs: publish must not run', async () => {
  let published = 0;
  let open!: (v: boolean) => void;
  const { notification, subscriber } = scene({
    filter: () => new Promise((r) => { open = r as any; }),
    publish: (m: any) => { published += 1; return m; },
  });
  const ann = await subscriber({ document });
  const n = notification(ann.plan, 'x');
  const r = n.resultFor(ann);
  ann.end(); n.release(ann);
  open(true);
  await r;
  expect(published).toBe(0);
});

test('D2 ended while async renewContext runs (own)', async () => {
  let published = 0;
  let open!: (v: unknown) => void;
  const { notification, subscriber } = scene({ share: false,
    publish: (m: any) => { published += 1; return m; },
  }, { renewContext: () => new Promise((r) => { open = r as any; }) });
  const ann = await subscriber({ document });
  const n = notification(ann.plan, 'x');
  const r = n.resultFor(ann);
  ann.end(); n.release(ann);
  open({});
  await r;
  expect(published).toBe(0);
});

test('E middleware thenable SKIP + function thenable', async () => {
  const thenable = { then: (r: any) => r(SKIP) };
  const { deliver, subscriber } = scene({ publish: () => thenable }, { middleware: [(resolve: any) => resolve()] });
  const ann = await subscriber({ document });
  expect(await deliver([ann], 'x')[0]).toBeUndefined();
  const fnThenable = Object.assign(() => 1, { then: (r: any) => r(SKIP) });
  const s2 = scene({ publish: () => fnThenable });
  const bob = await s2.subscriber({ document });
  expect(await s2.deliver([bob], 'x')[0]).toBeUndefined();
});

test('F distrust of publish/middleware spreads over other subscriptions', async () => {
  const mk = (extra: any) => defineSubscription({ subscribe: () => 'all', ...extra });
  // sloppy function reaching its arguments without the word
  const sloppy = (0, eval)("(function publish(m) { var k = 'argum' + 'ents'; try { return publish[k][2].user } catch (e) { return 'nobody' } })");
  const a = mk({ publish: sloppy });
  const b = mk({ publish: (m: any) => m });
  const s = deliveryScene(makeExecutableSchema({ typeDefs: 'type Query { q: Int } type Subscription { a: String b: String }', resolvers: { Subscription: { a, b } } }));
  const ann = await s.subscriber({ document: 'subscription { a }', context: { user: 'ann' } });
  const bob = await s.subscriber({ document: 'subscription { a }', context: { user: 'bob' } });
  expect(await Promise.all(s.deliver([ann, bob], 'x'))).toEqual(['{"data":{"a":"ann"}}', '{"data":{"a":"bob"}}']);
  expect(s.delivery.explainSharing('subscription { b }').shared).toBe('proven');
});

test('F2 sloppy function uses context as a key: nobody flags', async () => {
  const users = new WeakMap<object, string>();
  (globalThis as any).__users = users;
  const sloppy = (0, eval)("(function publish(m) { var c = publish['argum' + 'ents'][2]; return __users.get(c) || 'nobody' })");
  const s = scene({ publish: sloppy });
  const c1 = {}; const c2 = {};
  users.set(c1, 'ann'); users.set(c2, 'bob');
  const ann = await s.subscriber({ document, context: c1 });
  const bob = await s.subscriber({ document, context: c2 });
  expect(await Promise.all(s.deliver([ann, bob], 'x'))).toEqual(['{"data":{"onMessage":"ann"}}', '{"data":{"onMessage":"bob"}}']);
});

test('G listeners on a subscriber signal do not pile up', async () => {
  const s = scene({ share: false, publish: async (m: any) => m });
  const ann = await s.subscriber({ document });
  for (let i = 0; i < 30; i++) await s.deliver([ann], 'x')[0];
  expect(getEventListeners(ann.signal, 'abort').length).toBeLessThan(2);
});

test('H filter this / wrong', async () => {
  const s = scene({ filter: () => ({ then() { throw new Error('x'); } }) });
  const ann = await s.subscriber({ document });
  expect(await s.deliver([ann], 'x')[0]).toBeUndefined();
  const s2 = scene({ filter: () => ({ get then() { throw new Error('x'); } }) });
  const bob = await s2.subscriber({ document });
  expect(await s2.deliver([bob], 'x')[0]).toBeUndefined();
});

test('H2 filter function-thenable resolving to false is truthy', async () => {
  const s = scene({ filter: () => Object.assign(() => 0, { then: (r: any) => r(false) }) });
  const ann = await s.subscriber({ document });
  expect(await s.deliver([ann], 'x')[0]).toBeUndefined();
});

test('I publish throws hostile values', async () => {
  for (const make of [() => { throw null }, () => { throw undefined }, () => { throw Object.create(null) }, () => { throw new Proxy({}, { get() { throw new Error('trap') }, getPrototypeOf() { throw new Error('t') } }) }, async () => { throw Symbol('x') },
     () => { const e: any = new GraphQLError('x'); e.originalError = e; Object.defineProperty(e, 'originalError', { value: e }); throw e; },
     () => { const e: any = new Error('x'); e.name = 'GraphQLError'; e.message = 5n; throw e; },
     () => { throw new GraphQLError('x', { extensions: { a: 1n } }) },
     () => { const e: any = new GraphQLError('x'); Object.defineProperty(e, 'extensions', { get() { throw new Error('boom') } }); throw e; },
   ]) {
    const s = scene({ publish: make });
    const ann = await s.subscriber({ document });
    const bob = await s.subscriber({ document });
    const out = await Promise.all(s.deliver([ann, bob], 'x'));
    expect(typeof out[0]).toBe('string');
    JSON.parse(out[0]!);
  }
});

test('J maskErrors false with null-proto error', async () => {
  const s = scene({ publish: () => { throw Object.create(null) } }, { maskErrors: false });
  const ann = await s.subscriber({ document });
  expect(typeof (await s.deliver([ann], 'x')[0])).toBe('string');
});
