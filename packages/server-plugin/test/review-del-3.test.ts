import { makeExecutableSchema } from '@graphql-tools/schema';
import { defineSubscription } from '@groupcast/fastify';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { expect, test } from 'vitest';
import { applyMiddleware } from '../src/delivery/apply-middleware.ts';
import { deliveryScene } from './support/delivery-scene.ts';
import { startApp } from './support/start-app.ts';

const wire = { protocol: 'graphql-transport-ws', transport: 'memory' } as const;
const typeDefs = `
  scalar Any
  type Query { hello: String }
  type Message { text: String }
  type Subscription { onMessage(any: Any): Message onText: String plain: Message }
`;
const within = <T,>(p: Promise<T>, ms = 800) => Promise.race([p, new Promise<'TIMEOUT'>((r) => setTimeout(() => r('TIMEOUT'), ms))]);
const document = 'subscription { onText }';
function scene(definition: any, options: any = {}) {
  const onText = defineSubscription({ subscribe: () => 'all', ...definition });
  return deliveryScene(makeExecutableSchema({ typeDefs, resolvers: { Subscription: { onText } } }), options);
}

test('L control', async () => {
  const onMessage = defineSubscription({ subscribe: () => 'all', publish: async (m: any, _a: any, ctx: any) => { await null; ctx.connection.close(); return m; } });
  const { app, connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } }, context: ({ connection }: any) => ({ connection }) });
  const c = await connect();
  await c.subscribe('subscription { onMessage { text } }');
  await app.broadcast(onMessage as any, { group: 'all', payload: { text: 'x' } });
  await new Promise((r) => setTimeout(r, 100));
  expect(await within(app.graphqlWs.settled())).not.toBe('TIMEOUT');
});

test('25 hostile cause with async publish: resultFor does not reject', async () => {
  const s = scene({ publish: async () => { const e = new Error('x'); Object.defineProperty(e, 'cause', { get() { throw new Error('boom'); } }); throw e; } });
  const ann = await s.subscriber({ document });
  const out = await Promise.allSettled(s.deliver([ann], 'x'));
  expect(out[0]!.status).toBe('fulfilled');
});

test('25b proxy error with async publish', async () => {
  const s = scene({ publish: async () => { throw new Proxy(new Error('x'), { get(t, k) { if (k === 'originalError' || k === 'cause') throw new Error('trap'); return Reflect.get(t, k); } }); } });
  const ann = await s.subscriber({ document });
  const out = await Promise.allSettled(s.deliver([ann], 'x'));
  expect(out[0]!.status).toBe('fulfilled');
});

test('D3 ended while shared run pending and then flagged: no own run for the ended', async () => {
  const seen: unknown[] = [];
  let open!: () => void;
  const gate = new Promise<void>((r) => { open = r; });
  const { notification, subscriber } = scene({
    publish: (m: any, _a: any) => { seen.push('run'); return gate.then(() => (0 as any) || m); },
    filter: (_m: any, _a: any, ctx: any) => true,
    shareBy: { key: () => 'k', context: async () => { await gate; throw new Error('none'); } },
  });
  const ann = await subscriber({ document });
  const n = notification(ann.plan, 'x');
  const r = n.resultFor(ann);
  ann.end(); n.release(ann);
  open();
  await r;
  expect(seen).toEqual([]);
});

test('D server: publish after unsubscribed', async () => {
  const order: string[] = [];
  let open!: (v: boolean) => void;
  const onMessage = defineSubscription({ subscribe: () => 'all',
    filter: () => { order.push('filter'); return new Promise<boolean>((r) => { open = r; }); },
    publish: (m: any) => { order.push('publish'); return m; },
    unsubscribed: () => { order.push('unsubscribed'); } });
  const { app, connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } } });
  const c = await connect();
  await c.subscribe('subscription { onMessage { text } }');
  await app.broadcast(onMessage as any, { group: 'all', payload: { text: 'x' } });
  await new Promise((r) => setTimeout(r, 50));
  c.terminate();
  await new Promise((r) => setTimeout(r, 50));
  open(true);
  await new Promise((r) => setTimeout(r, 50));
  expect(order).toEqual(['filter', 'unsubscribed']);
});

test('A server', async () => {
  let fails = false;
  const onMessage = defineSubscription({ subscribe: () => 'all', filter: (_m: any, _a: any, ctx: any) => ctx.admin });
  const { app, connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } }, context: () => ({ admin: false }), renewContext: (async (c: any) => { if (fails) throw new Error('db'); return c; }) as any });
  const c = await connect();
  const s = await c.subscribe('subscription { onMessage { text } }');
  fails = true;
  await app.broadcast(onMessage as any, { group: 'all', payload: { text: 'secret' } });
  const r = await within(s.next() as any, 200);
  expect(JSON.stringify(r)).not.toContain('secret');
});

test('33 schema copy time', () => {
  const types: GraphQLObjectType[] = [];
  const N = 300;
  for (let i = 0; i < N; i++) types.push(new GraphQLObjectType({ name: `T${i}`, fields: () => Object.fromEntries(Array.from({ length: 60 }, (_, j) => [`f${j}`, { type: types[(i + j) % N]! }])) }));
  const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { a: { type: types[0]! }, b: { type: GraphQLString } } }) });
  let calls = 0;
  const orig = GraphQLObjectType.prototype.toConfig;
  GraphQLObjectType.prototype.toConfig = function (this: any) { calls++; return orig.call(this); } as any;
  const t = performance.now();
  applyMiddleware(schema, [(resolve: any) => resolve()] as any);
  const ms = performance.now() - t;
  GraphQLObjectType.prototype.toConfig = orig;
  console.log('COPY', ms, calls);
});

test('X async iterators returning sync / plain render', async () => {
  let returned = 0;
  const { connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { plain: { subscribe: () => ({ [Symbol.asyncIterator]() { let n = 0; return { next: () => ({ done: n++ > 2, value: { plain: { text: String(n) } } }), return: () => { returned++; return { done: true }; } }; } }) } } } as any });
  const c = await connect();
  const s = await c.subscribe('subscription { plain { text } }');
  expect((await s.next()).data).toEqual({ plain: { text: '1' } });
});

test('Y subscribe mutates the context/args of pending; thenable group names', async () => {
  const onMessage = defineSubscription({ subscribe: (() => Object.assign(() => 1, { then: (r: any) => r('all') })) as any });
  const { app, connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } } });
  const c = await connect();
  const s: any = await within(c.subscribe('subscription { onMessage { text } }').catch((e) => e) as any, 300);
  await app.broadcast(onMessage as any, { group: 'all', payload: { text: 'x' } });
  expect((await s.next()).data).toEqual({ onMessage: { text: 'x' } });
});

test('C server: args of one subscriber reach another', async () => {
  const onMessage = defineSubscription({ subscribe: () => 'all',
    filter: (_m: any, args: any, ctx: any) => { args.any.viewer ??= ctx.user; return true; },
    publish: (m: any, args: any) => ({ text: `${m.text} for ${args.any.viewer}` }) });
  const { app, connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } }, context: ({ connection }: any) => ({ user: connection.params.user }) } as any);
  const a = await connect({ params: { user: 'ann' } }), b = await connect({ params: { user: 'bob' } });
  const doc = 'subscription ($any: Any) { onMessage(any: $any) { text } }';
  const s = await a.subscribe(doc, { variables: { any: {} } }), t = await b.subscribe(doc, { variables: { any: {} } });
  await app.broadcast(onMessage as any, { group: 'all', payload: { text: 'x' } });
  await s.next();
  expect(JSON.stringify(await t.next())).not.toContain('ann');
});
