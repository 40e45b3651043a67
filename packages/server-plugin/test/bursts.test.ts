import { defineSubscription } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

describeBoth('a burst in one turn of the event loop', (wire) => {
  test.each(['drop-oldest', 'end'] as const)(
    'P5 costs a subscriber nothing who is not slow, however small its queue (%s)',
    async (overflow) => {
      const onCount = defineSubscription({
        subscribe: () => 'all',
        publish: (count: number) => count,
        share: false,
        queueLimit: 2,
        overflow,
      });
      const { app, connect } = await startApp(wire, {
        typeDefs: `
          type Query { hello: String }
          type Subscription { onCount: Int }
        `,
        resolvers: { Subscription: { onCount } },
      });
      const client = await connect();
      const counts = await client.subscribe('subscription { onCount }');
      for (let n = 0; n < 3_000; n += 1) {
        void app.broadcast(onCount, { group: 'all', payload: n });
      }

      for (let n = 0; n < 3_000; n += 1) await counts.expectNext({ onCount: n });
      expect(app.graphqlWs.stats().dropped).toBe(0);
    },
  );
});
