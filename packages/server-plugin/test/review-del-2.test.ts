import { defineSubscription } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { startApp } from './support/start-app.ts';

const wire = { protocol: 'graphql-transport-ws', transport: 'memory' } as const;
const typeDefs = `
  scalar Any
  type Query { hello: String }
  type Message { text: String }
  type Subscription { onMessage(any: Any): Message  plain: Message onOther: Message }
`;
const within = <T,>(p: Promise<T>, ms = 800) => Promise.race([p, new Promise<'TIMEOUT'>((r) => setTimeout(() => r('TIMEOUT'), ms))]);

test('K plain source is closed when renewContext fails', async () => {
  let closed = false;
  const { connect } = await startApp(wire, {
    typeDefs,
    renewContext: () => { throw new Error('db'); },
    resolvers: { Subscription: { plain: { subscribe: async function* () { try { for (;;) { yield { plain: { text: 'x' } }; await new Promise((r) => setTimeout(r, 5)); } } finally { closed = true; } } } } },
  });
  const c = await connect();
  const s = await c.subscribe('subscription { plain { text } }').catch((e) => e);
  await new Promise((r) => setTimeout(r, 200));
  expect(closed).toBe(true);
});

test('L publish ends the operation synchronously: settled() settles', async () => {
  let conn: any;
  const onMessage = defineSubscription({ subscribe: () => 'all', publish: async (m: any, _a: any, ctx: any) => { ctx.connection.close(); return m; } });
  const { app, connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } }, context: ({ connection }: any) => ({ connection }) });
  const c = await connect();
  await c.subscribe('subscription { onMessage { text } }');
  await app.broadcast(onMessage as any, { group: 'all', payload: { text: 'x' } });
  await new Promise((r) => setTimeout(r, 100));
  expect(await within(app.graphqlWs.settled())).not.toBe('TIMEOUT');
});

test('L2 sync unsubscribe in an async publish', async () => {
  let theApp: any;
  const onMessage = defineSubscription({ subscribe: () => 'all', publish: async (m: any, _a: any, _c: any) => { theApp.graphqlWs.unsubscribe('onMessage', { group: 'all' }); return m; } });
  const { app, connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } } });
  theApp = app;
  const c = await connect();
  await c.subscribe('subscription { onMessage { text } }');
  await app.broadcast('onMessage', { group: 'all', payload: { text: 'x' } });
  await new Promise((r) => setTimeout(r, 100));
  expect(await within(app.graphqlWs.settled())).not.toBe('TIMEOUT');
});

test('M broadcast inside a sync publish keeps order', async () => {
  let theApp: any;
  const onMessage = defineSubscription({ subscribe: () => 'all', publish: (m: any) => { if (m.text === '1') theApp.broadcast('onMessage', { group: 'all', payload: { text: '2' } }); return m; } });
  const { app, connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } } });
  theApp = app;
  const c = await connect(); const d = await connect();
  const s = await c.subscribe('subscription { onMessage { text } }');
  const t = await d.subscribe('subscription { onMessage { text } }');
  await app.broadcast('onMessage', { group: 'all', payload: { text: '1' } });
  for (const x of [s, t]) {
    expect((await x.next()).data).toEqual({ onMessage: { text: '1' } });
    expect((await x.next()).data).toEqual({ onMessage: { text: '2' } });
  }
});

test('O wrapper of subscribe chooses between definitions', async () => {
  const a = defineSubscription({ subscribe: () => 'all', publish: (m: any) => ({ text: `A ${m.text}` }) });
  const b = defineSubscription({ subscribe: () => 'all', filter: () => false });
  const { app, connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage: { ...a, subscribe: (r: any, ar: any, c: any, i: any) => c.user === 'ann' ? a.subscribe(r, ar, c, i) : b.subscribe(r, ar, c, i) } } }, context: ({ connection }: any) => ({ user: connection.params.user }) } as any);
  const c = await connect({ params: { user: 'ann' } }); const d = await connect({ params: { user: 'bob' } });
  const s = await c.subscribe('subscription { onMessage { text } }');
  const t = await d.subscribe('subscription { onMessage { text } }');
  await app.broadcast('onMessage', { group: 'all', payload: { text: '1' } });
  expect((await s.next()).data).toEqual({ onMessage: { text: 'A 1' } });
  expect(await within(t.next() as any, 200)).toBe('TIMEOUT');
});

test('Q middleware around subscribe throws after subscribe succeeded: unsubscribed runs', async () => {
  let ended = 0;
  const onMessage = defineSubscription({ subscribe: () => 'all', unsubscribed: () => { ended += 1; } });
  const { connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } }, middleware: [async (resolve: any, _r: any, _a: any) => { await resolve(); throw new Error('after'); }] as any });
  const c = await connect();
  await within(c.subscribe('subscription { onMessage { text } }').catch((e) => e) as any, 300);
  await new Promise((r) => setTimeout(r, 100));
  expect(ended).toBe(1);
});

test('T failing initial with replaced resolve', async () => {
  const onMessage = defineSubscription({ subscribe: () => 'all', initial: () => { throw new Error('secret-db'); } });
  const { connect, log } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage: { ...onMessage, resolve: (m: any) => ({ text: m.text }) } } } });
  const c = await connect();
  const s = await c.subscribe('subscription { onMessage { text } }');
  const r = await s.next();
  expect(r.errors).toBeDefined();
});

test('T2 failing initial with middleware that copies the root', async () => {
  const onMessage = defineSubscription({ subscribe: () => 'all', initial: () => { throw new Error('secret-db'); }, publish: (m: any) => ({ text: JSON.stringify(Object.keys(m)) }) });
  const { connect, log } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } }, middleware: [(resolve: any, root: any, _a: any) => resolve({ ...root })] as any });
  const c = await connect();
  const s = await c.subscribe('subscription { onMessage { text } }');
  const r = await s.next();
  expect(r.errors).toBeDefined();
});

for (const [name, thrown, mask] of [
  ['null-proto, maskErrors false', () => Object.create(null), false],
  ['null-proto', () => Object.create(null), true],
  ['cyclic originalError', () => { const e: any = new Error('x'); e.name = 'GraphQLError'; e.originalError = e; e.path = ['a']; return e; }, true],
  ['message getter', () => { const e: any = new Error('x'); e.name = 'GraphQLError'; Object.defineProperty(e, 'extensions', { get() { throw new Error('boom'); } }); return e; }, true],
  ['bigint message', () => { const e: any = new Error('x'); e.name = 'GraphQLError'; e.message = 5n; return e; }, true],
  ['bigint path', () => { const e: any = new Error('x'); e.name = 'GraphQLError'; e.path = [5n]; return e; }, true],
] as const) {
  test(`U hostile throw in context(): ${name}`, async () => {
    const rejections: unknown[] = [];
    const onRej = (e: unknown) => rejections.push(e);
    const before = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', onRej);
    try {
      const onMessage = defineSubscription({ subscribe: () => 'all' });
      const { connect } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } }, maskErrors: mask, context: () => { throw thrown(); } });
      const c = await connect();
      const r = await within(c.subscribe('subscription { onMessage { text } }').then((s: any) => s.next()).catch((e: any) => e) as any, 300);
      await new Promise((r) => setTimeout(r, 50));
      expect(rejections).toEqual([]);
      expect(r).not.toBe('TIMEOUT');
    } finally {
      process.removeListener('unhandledRejection', onRej);
      for (const l of before) process.on('unhandledRejection', l as any);
    }
  });
}

test('V @skip on the root', async () => {
  const onMessage = defineSubscription({ subscribe: () => 'all' });
  const { connect, log } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } } });
  const c = await connect();
  const r = await within(c.subscribe('subscription ($s: Boolean!) { onMessage @skip(if: $s) { text } }', { variables: { s: true } }).then((s: any) => s.next()).catch((e: any) => e) as any, 400);
  console.log('V', r, log.filter((l: any) => l.level !== 'info').map((l: any) => [l.message, String(l.details.err)]));
  expect(r).not.toBe('TIMEOUT');
});

test('W async maskErrors', async () => {
  const onMessage = defineSubscription({ subscribe: () => { throw new Error('x'); } });
  const { connect, log } = await startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } }, maskErrors: (async () => new Error('y')) as any });
  const c = await connect();
  const r: any = await within(c.subscribe('subscription { onMessage { text } }').then((s: any) => s.next()).catch((e: any) => e) as any, 400);
  expect(JSON.stringify(r.errors ?? r)).toContain('message');
});
