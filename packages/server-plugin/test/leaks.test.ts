import type { IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription, type Subscription } from '@groupcast/fastify';
import { LEGACY, MODERN } from '@groupcast/protocol';
import { connect } from '@groupcast/testing';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { expectQuiet } from './support/expect-quiet.ts';

const typeDefs = `
  type Query { hello: String }
  type Subscription { onMessage(n: Int!): String, forever: String }
`;

/** An app that keeps nothing by itself, not even a log. */
async function startQuietApp(
  onRequest: (request: FastifyRequest) => void = () => undefined,
): Promise<FastifyInstance> {
  const onMessage = defineSubscription<string, { n: number }>({
    subscribe: (_root, { n }) => [`group ${n}`, 'all'],
    unsubscribed: () => undefined,
  });
  async function* forever() {
    await new Promise(() => undefined);
    yield undefined;
  }
  return startAppWith(onMessage, { forever, onRequest });
}

async function startAppWith(
  onMessage: Subscription<string, { n: number }>,
  {
    forever,
    onRequest = () => undefined,
  }: {
    readonly forever?: () => AsyncIterable<unknown>;
    readonly onRequest?: (request: FastifyRequest) => void;
  } = {},
): Promise<FastifyInstance> {
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: { hello: () => 'world' },
      Subscription: { onMessage, ...(forever && { forever: { subscribe: forever } }) },
    },
  });
  const app = Fastify();
  app.addHook('onRequest', async (request) => onRequest(request));
  onTestFinished(() => app.close());
  await app.register(groupcast, { schema, drainMs: 0, onConnect: () => ({ tags: ['a', 'b'] }) });
  await app.ready();
  return app;
}

/** Comes, subscribes and goes, each time in another way. */
async function visit(app: FastifyInstance, n: number): Promise<void> {
  const client = await connect(app, { protocol: n % 2 === 0 ? MODERN : LEGACY });
  const live = await client.subscribe(`subscription ($n: Int!) { onMessage(n: $n) }`, {
    variables: { n },
  });
  client.start('subscription { forever }');
  client.start('{ hello }');
  switch (n % 5) {
    case 0:
      client.terminate();
      break;
    case 1:
      live.stop();
      await client.close();
      break;
    case 2:
      await client.close();
      break;
    case 3:
      await app.graphqlWs.disconnect({ tag: 'a' });
      break;
    default:
      client.send({ type: 'subscribe' });
      client.terminate();
  }
  await client.closed;
}

async function visits(app: FastifyInstance, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await visit(app, n);
  await expectQuiet(app);
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('2,000 clients that come, subscribe and go leave nothing, and no bytes that grow with them', async () => {
  const app = await startQuietApp();
  // What is made once: compiled code, caches, the first growth of maps.
  await visits(app, 400);
  const before = heapBytes();

  await visits(app, 800);
  const between = heapBytes();
  await visits(app, 800);
  const after = heapBytes();

  // A connection that is kept takes 10 kB and more, a subscription with its groups 3 kB.
  const perVisit = (bytes: number): number => bytes / 800;
  expect(Math.min(perVisit(between - before), perVisit(after - between))).toBeLessThan(1_000);
  expect(app.graphqlWs.stats()).toMatchObject({ connections: 0, cohorts: 0, documents: 3 });
});

test('an idle connection keeps nothing of the request that opened it', async () => {
  const requests: WeakRef<IncomingMessage>[] = [];
  const app = await startQuietApp((request) => requests.push(new WeakRef(request.raw)));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const client = await connect(app, { transport: 'socket' });
  await client.query('{ hello }');

  await vi.waitFor(() => {
    collectGarbage();
    expect(requests.map((request) => request.deref()?.url)).toEqual([undefined]);
  });
  await client.query('{ hello }');
});

test('an idle subscription keeps nothing of its subscribe that no function of it will get', async () => {
  const kept: WeakRef<object>[] = [];
  const onMessage = defineSubscription<string, { n: number }>({
    subscribe: (_root, args, _context, info) => {
      kept.push(new WeakRef(args), new WeakRef(info));
      return 'all';
    },
  });
  const app = await startAppWith(onMessage);
  const client = await connect(app);
  const live = await client.subscribe('subscription { onMessage(n: 1) }');

  await vi.waitFor(() => {
    collectGarbage();
    expect(kept.map((each) => each.deref())).toEqual([undefined, undefined]);
  });
  await app.broadcast(onMessage, { payload: 'still there' });
  await live.expectNext({ onMessage: 'still there' });
});

test('an idle subscription keeps its arguments for its filter, and all for its unsubscribed', async () => {
  const heard: unknown[] = [];
  const onMessage = defineSubscription<string, { n: number }>({
    subscribe: () => 'all',
    filter: (payload, { n }) => payload === `for ${n}`,
    unsubscribed: (_reason, args, _context, info) => {
      heard.push(args, info.fieldName);
    },
  });
  const app = await startAppWith(onMessage);
  const client = await connect(app);
  const live = await client.subscribe('subscription { onMessage(n: 1) }');

  collectGarbage();
  await app.broadcast(onMessage, { payload: 'for 2' });
  await app.broadcast(onMessage, { payload: 'for 1' });
  await live.expectNext({ onMessage: 'for 1' });
  await client.close();

  await vi.waitFor(() => expect(heard).toEqual([{ n: 1 }, 'onMessage']));
});
