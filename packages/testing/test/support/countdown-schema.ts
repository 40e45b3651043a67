import { buildSchema, type GraphQLSchema } from 'graphql';

/** What servers of other makes serve. */
export const countdownSchema: GraphQLSchema = buildSchema(`
  type Query { greeting(name: String): String, secret: String, failing: Int! }
  type Mutation { add(a: Int!, b: Int!): Int }
  type Subscription { countdown(from: Int!): Int, silent: Int, breaking: Int }
`);

/** Its resolvers, as graphql's default resolver takes them. */
export const rootValue = {
  greeting: ({ name }: { name?: string }) => `Hello, ${name ?? 'stranger'}`,
  secret: () => {
    throw new Error('not for you');
  },
  failing: () => {
    throw new Error('nothing left');
  },
  add: ({ a, b }: { a: number; b: number }) => a + b,
  async *countdown({ from }: { from: number }) {
    for (let countdown = from; countdown > 0; countdown -= 1) yield { countdown };
  },
  silent: () => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: () => Promise.resolve({ done: true, value: undefined }),
    }),
  }),
};
