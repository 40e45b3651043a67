import Fastify, { type FastifyInstance } from 'fastify';
import mercurius from 'mercurius';
import { onTestFinished } from 'vitest';

const schema = `
  type Query { hello: String, failing: Int! }
  type Subscription { countdown(from: Int!): Int, forever: Int }
`;

const resolvers = {
  Query: {
    hello: () => 'world',
    failing: () => {
      throw new Error('nothing left');
    },
  },
  Subscription: {
    countdown: {
      async *subscribe(_root: unknown, { from }: { from: number }) {
        for (let countdown = from; countdown > 0; countdown -= 1) yield { countdown };
      },
    },
    forever: {
      async *subscribe() {
        for (let forever = 0; ; forever += 1) {
          yield { forever };
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    },
  },
};

/** A Fastify app of mercurius, which takes both subprotocols. */
export async function mercuriusApp(): Promise<FastifyInstance> {
  const app = Fastify();
  onTestFinished(() => app.close());
  await app.register(mercurius, {
    schema,
    resolvers,
    subscription: { fullWsTransport: true },
  });
  return app;
}
