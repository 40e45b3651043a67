import { defineSubscription, type EndReason } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  type Query { echo(n: Int!): Int, later(n: Int!): Int }
  type Subscription { onMessage(n: Int!): Int }
`;

const Query = {
  echo: (_root: unknown, { n }: { n: number }) => n,
  later: async (_root: unknown, { n }: { n: number }) => {
    await new Promise((resolve) => setImmediate(resolve));
    return n;
  },
};

describeBoth('many at once', (wire) => {
  test.each(['echo', 'later'])(
    '1,000 queries (%s) on one connection are each answered once',
    async (field) => {
      const { app, connect } = await startApp(wire, { typeDefs, resolvers: { Query } });
      const client = await connect();
      const queries = Array.from({ length: 1_000 }, (_, n) =>
        client.start(`{ n: ${field}(n: ${n}) }`),
      );

      for (const [n, query] of queries.entries()) {
        await query.expectNext({ n });
        await query.expectComplete();
      }
      await client.expectSilence();
      expect(app.graphqlWs.stats().operations).toBe(0);
    },
  );

  /** When a subscription is stopped, as seen from its `subscribe`. */
  const timings = ['before', 'during', 'after', 'never'] as const;

  test('1,000 subscriptions stopped in every timing each end once, and leave nothing', async () => {
    /** How each subscription ended whose `subscribe` came to its end, by its number. */
    const endings = new Map<number, EndReason[]>();
    const gone = createGate();
    const onMessage = defineSubscription({
      subscribe: async (_root, { n }: { n: number }) => {
        // Some at once, some a turn later, some after several.
        for (let turn = 0; turn < Math.floor(n / 4) % 4; turn += 1) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        endings.set(n, []);
        return `group ${n % 10}`;
      },
      unsubscribed: (reason, { n }: { n: number }) => {
        endings.get(n)?.push(reason);
      },
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Query, Subscription: { onMessage } },
      keepAlive: false,
      onDisconnect: () => {
        void gone.arrive();
      },
    });
    const [stopping, leaving] = [await connect(), await connect()];
    let [kept, stopped] = [0, 0];
    for (let n = 0; n < 1_000; n += 1) {
      const timing = timings[n % timings.length];
      const client = n % 5 === 0 ? leaving : stopping;
      if (client === stopping && timing === 'never') kept += 1;
      else if (client === stopping) stopped += 1;
      const query = `subscription { onMessage(n: ${n}) }`;
      if (timing === 'after') (await client.subscribe(query)).stop();
      else {
        const operation = client.start(query);
        if (timing === 'during') await new Promise((resolve) => setImmediate(resolve));
        if (timing !== 'never') operation.stop();
      }
    }
    leaving.terminate();
    await stopping.fence();
    await app.graphqlWs.settled();
    await app.graphqlWs.unsubscribe(onMessage);
    await app.graphqlWs.settled();
    await stopping.fence();

    const completed = stopping.transcript().match(/(?<=← complete )op\d+/g) ?? [];
    // The modern subprotocol does not answer a client's own complete.
    const answered = wire.protocol === 'graphql-ws' ? kept + stopped : kept;
    expect(completed).toHaveLength(answered);
    expect(new Set(completed).size).toBe(answered);
    expect([...endings].filter(([, reasons]) => reasons.length !== 1)).toEqual([]);
    expect(new Set([...endings.values()].flat())).toEqual(
      new Set(['client', 'server', 'disconnect']),
    );
    stopping.terminate();
    await gone.arrived(2);
    await app.graphqlWs.settled();
    expect(app.graphqlWs.stats()).toMatchObject({
      connections: 0,
      operations: 0,
      groups: 0,
      cohorts: 0,
      members: 0,
      queued: 0,
      emitterListeners: 0,
      timers: 0,
    });
  });
});
