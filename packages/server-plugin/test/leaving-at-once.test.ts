import { defineSubscription, type EndReason } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { expectQuiet } from './support/expect-quiet.ts';
import { createGate } from './support/gate.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth, type Wire } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String }
  type Mutation { work(n: Int!): Int, hang: String }
  type Subscription { onText: String }
`;

/** Keeps the process busy for a moment, as hooks of a large app do. */
function work(): void {
  const until = performance.now() + 0.1;
  while (performance.now() < until);
}

/** An app with one group, and a connection with so many subscriptions in it. */
async function crowded(wire: Wire, subscribers: number) {
  const reasons: EndReason[] = [];
  let filtered = 0;
  const onText = defineSubscription({
    subscribe: () => 'all',
    filter: () => {
      filtered += 1;
      return true;
    },
    publish: (text: string) => text,
    unsubscribed: (reason) => {
      work();
      reasons.push(reason);
    },
  });
  const disconnected = createGate();
  let reasonsAtDisconnect = 0;
  const { app, connect } = await startApp(wire, {
    typeDefs,
    resolvers: { Query: { hello: () => 'world' }, Subscription: { onText } },
    limits: { operationsPerConnection: subscribers },
    keepAlive: false,
    onDisconnect: () => {
      reasonsAtDisconnect = reasons.length;
      void disconnected.arrive();
    },
  });
  const crowd = await connect();
  for (let n = 0; n < subscribers; n += 1) crowd.start('subscription { onText }', { id: `s${n}` });
  await crowd.fence();
  await app.graphqlWs.settled();
  expect(app.graphqlWs.stats().operations).toBe(subscribers);
  return {
    app,
    connect,
    crowd,
    onText,
    reasons,
    disconnected,
    filtered: () => filtered,
    reasonsAtDisconnect: () => reasonsAtDisconnect,
  };
}

describeBoth('very many subscribers of one group', (wire) => {
  const subscribers = 500;

  test('T37 T38 that leave in one go end once each, in slices, and before onDisconnect', async () => {
    const { app, connect, crowd, reasons, disconnected, ...seen } = await crowded(
      wire,
      subscribers,
    );
    const other = await connect();

    crowd.terminate();
    await expect.poll(() => reasons.length, { interval: 0 }).toBeGreaterThan(0);
    // Others get their turn in between.
    expect(await other.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    await disconnected.arrived();

    expect(seen.reasonsAtDisconnect()).toBe(subscribers);
    expect(reasons.every((reason) => reason === 'disconnect')).toBe(true);
    other.terminate();
    await expectQuiet(app);
    expect(reasons).toHaveLength(subscribers);
  });

  test('T37 of a client that is gone run no filter any more, though some end later', async () => {
    const { app, crowd, onText, reasons, filtered } = await crowded(wire, subscribers);

    crowd.terminate();
    await expect.poll(() => reasons.length, { interval: 0 }).toBeGreaterThan(0);
    await app.broadcast(onText, { group: 'all', payload: 'too late' });
    await app.graphqlWs.settled();

    await expectQuiet(app);
    expect(filtered()).toBe(0);
    expect(reasons).toHaveLength(subscribers);
  });

  test('E4 that the server ends hear nothing from the call on, though some end later', async () => {
    const { app, crowd, onText, reasons, filtered } = await crowded(wire, subscribers);

    const ended = app.graphqlWs.unsubscribe(onText, { group: 'all' });
    expect(reasons.length).toBeLessThan(subscribers);
    await app.broadcast(onText, { group: 'all', payload: 'too late' });
    await ended;

    expect(reasons).toHaveLength(subscribers);
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0, queued: 0 });
    for (let n = 0; n < subscribers; n += 1) await crowd.operation(`s${n}`).expectComplete();
    await crowd.expectSilence();
    expect(filtered()).toBe(0);
  });
});

describeBoth('a client that leaves a queue of strictly ordered operations', (wire) => {
  test.each([
    { how: 'is cut off', leave: 'terminate' },
    { how: 'closes', leave: 'close' },
  ] as const)(
    'O2 T37 and $how: those that waited for their turn never begin',
    async ({ leave }) => {
      const hanging = createGate<string>();
      const begun: string[] = [];
      const { app, connect } = await startApp(wire, {
        typeDefs,
        resolvers: {
          Query: { hello: () => 'world' },
          Mutation: {
            hang: () => hanging.arrive(),
            work: (_root: unknown, { n }: { n: number }) => begun.push(`work ${n}`),
          },
          Subscription: { onText: defineSubscription({ subscribe: () => 'all' }) },
        },
        strictOrdering: true,
        onOperation: ({ query }) => void begun.push(query),
      });
      const client = await connect();
      client.start('mutation { hang }');
      for (let n = 0; n < 5; n += 1) client.start(`mutation { work(n: ${n}) }`);
      await hanging.arrived();
      await client.fence();

      await client[leave]();
      await expectQuiet(app);
      hanging.open('late');
      await app.graphqlWs.settled();

      expect(begun).toEqual(['mutation { hang }']);
    },
  );
});
