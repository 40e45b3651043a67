import { defineSubscription } from '@groupcast/fastify';
import { createGate } from './gate.ts';

const typeDefs = `
  type Query { hello: String, hang: String }
  type Mutation { hang: String }
  type Subscription { onText(room: String): String, hang: String }
`;

export const onText = defineSubscription({
  subscribe: (_root, args: { room?: string }) => args.room,
  publish: (text: string) => text,
});

/** The parts of an app whose fields `hang` until the test lets them go. */
export function hangingApp() {
  const gate = createGate<string>();
  const hang = defineSubscription({ subscribe: () => gate.arrive() });
  const resolvers = {
    Query: { hello: () => 'world', hang: () => gate.arrive() },
    Mutation: { hang: () => gate.arrive() },
    Subscription: { onText, hang },
  };
  return { gate, parts: { typeDefs, resolvers } };
}
