import { defineSubscription } from '@groupcast/fastify';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  type Query { hello(n: Int): String }
  type Mutation { send(text: String!): String, hang: String }
  type Message { text: String }
  type Subscription { onMessage: Message }
`;

function createParts() {
  const hanging = createGate<string>();
  const started: string[] = [];
  const onMessage = defineSubscription({
    subscribe: () => 'all',
    publish: (message: { text: string }) => message,
  });
  let app: FastifyInstance | undefined;
  const resolvers = {
    Query: { hello: (_root: unknown, args: { n?: number }) => `world ${args.n ?? ''}`.trim() },
    Mutation: {
      send: async (_root: unknown, { text }: { text: string }) => {
        started.push(text);
        await app?.broadcast(onMessage, { group: 'all', payload: { text } });
        return text;
      },
      hang: () => hanging.arrive(),
    },
    Subscription: { onMessage },
  };
  const use = (running: FastifyInstance): void => {
    app = running;
  };
  return { hanging, onMessage, resolvers, started, use };
}

describeBoth('the order of one connection', (wire) => {
  test('O1 a hanging mutation does not block later queries', async () => {
    const { hanging, resolvers } = createParts();
    const { connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();
    const mutation = client.start('mutation { hang }');
    await hanging.arrived();
    for (let n = 0; n < 3; n += 1) {
      expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    }
    hanging.open('done');
    await mutation.expectNext({ hang: 'done' });
  });

  test('O2 thousands of synchronous operations that waited for their turn are all answered', async () => {
    const { hanging, resolvers } = createParts();
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers,
      strictOrdering: true,
      limits: { operationsPerConnection: 5_000 },
    });
    const client = await connect();
    const mutation = client.start('mutation { hang }');
    const queries = Array.from({ length: 4_000 }, () => client.start('{ hello }'));
    await hanging.arrived();

    hanging.open('done');

    await mutation.expectNext({ hang: 'done' });
    await queries.at(-1)?.expectNext({ hello: 'world' });
  });

  test('O2 with strictOrdering operations run one at a time, in the order of arrival', async () => {
    const { hanging, resolvers } = createParts();
    const { connect } = await startApp(wire, { typeDefs, resolvers, strictOrdering: true });
    const client = await connect();
    const mutation = client.start('mutation { hang }');
    const queries = [1, 2, 3].map((n) => client.start(`{ hello(n: ${n}) }`));
    await hanging.arrived();
    await client.fence();
    expect(queries.map(({ unread }) => unread)).toEqual([0, 0, 0]);
    hanging.open('done');
    await mutation.expectNext({ hang: 'done' });
    await queries[2]?.expectNext({ hello: 'world 3' });

    const results = [...client.transcript().matchAll(/world \d/g)].map(([text]) => text);
    expect(results.filter((text, index) => results.indexOf(text) === index)).toEqual([
      'world 1',
      'world 2',
      'world 3',
    ]);
  });

  test('O2 with strictOrdering a mutation is answered before the notification that it caused', async () => {
    const { resolvers, use } = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers, strictOrdering: true });
    use(app);
    const client = await connect();
    const messages = await client.subscribe('subscription { onMessage { text } }');
    for (const text of ['a', 'b', 'c']) {
      client.start(`mutation { send(text: "${text}") }`, { id: `send-${text}` });
    }
    for (const text of ['a', 'b', 'c']) await messages.expectNext({ onMessage: { text } });

    const lines = client
      .transcript()
      .split('\n')
      .filter((line) => line.includes('←'));
    for (const text of ['a', 'b', 'c']) {
      const answer = lines.findIndex(
        (line) => line.includes(`send: '${text}'`) || line.includes(`"send":"${text}"`),
      );
      const notification = lines.findIndex(
        (line) =>
          line.includes('onMessage') && (line.includes(`'${text}'`) || line.includes(`"${text}"`)),
      );
      expect(answer).toBeGreaterThan(-1);
      expect(notification).toBeGreaterThan(answer);
    }
  });

  test('O2 with strictOrdering a stop does not wait, and lets the next one run', async () => {
    const { hanging, resolvers } = createParts();
    const { connect } = await startApp(wire, { typeDefs, resolvers, strictOrdering: true });
    const client = await connect();
    const mutation = client.start('mutation { hang }');
    await hanging.arrived();
    const query = client.start('{ hello }');
    mutation.stop();

    await query.expectNext({ hello: 'world' });
    hanging.open('late');
  });

  test('O2 with strictOrdering what was stopped in the queue never runs', async () => {
    const { hanging, resolvers, started } = createParts();
    const { connect } = await startApp(wire, { typeDefs, resolvers, strictOrdering: true });
    const client = await connect();
    client.start('mutation { hang }');
    const stopped = client.start('mutation { send(text: "never") }');
    stopped.stop();
    const last = client.start('{ hello }');
    await hanging.arrived();
    hanging.open('done');

    await last.expectNext({ hello: 'world' });
    expect(started).toEqual([]);
  });

  test('O3 connections never wait for each other, with strictOrdering either', async () => {
    const { hanging, onMessage, resolvers } = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers, strictOrdering: true });
    const [stuck, free] = [await connect(), await connect()];
    const held = await stuck.subscribe('subscription { onMessage { text } }');
    const messages = await free.subscribe('subscription { onMessage { text } }');
    const mutation = stuck.start('mutation { hang }');
    await hanging.arrived();
    await app.broadcast(onMessage, { group: 'all', payload: { text: 'hi' } });

    await messages.expectNext({ onMessage: { text: 'hi' } });
    expect(await free.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    await stuck.fence();
    expect(held.unread).toBe(0);
    hanging.open('done');
    await mutation.expectNext({ hang: 'done' });
    await held.expectNext({ onMessage: { text: 'hi' } });
  });
});
