import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription, type GroupcastOptions } from '@groupcast/fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';

export const onMessage = defineSubscription({
  subscribe: (_root, { room }: { room: string }) => room,
  publish: (message: { text: string }) => message,
});

const typeDefs = `
  type Message { text: String! }
  type Query { hello: String, slow: String }
  type Subscription { onMessage(room: String!): Message! }
`;

/** An app with the plugin; closed after the test. */
export async function pluginApp(
  options: Partial<GroupcastOptions> & { readonly slow?: () => Promise<string> } = {},
): Promise<FastifyInstance> {
  const { slow = async () => 'done', ...others } = options;
  const app = Fastify();
  onTestFinished(() => app.close());
  const resolvers = {
    Query: { hello: () => 'world', slow: () => slow() },
    Subscription: { onMessage },
  };
  const schema = makeExecutableSchema({ typeDefs, resolvers });
  await app.register(groupcast, { schema, drainMs: 0, ...others });
  return app;
}
