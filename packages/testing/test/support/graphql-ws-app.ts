import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

import { type HttpApp, httpApp } from './http-app.ts';

const schema = buildSchema(`
  type Query { greeting(name: String): String, secret: String, failing: Int! }
  type Mutation { add(a: Int!, b: Int!): Int }
  type Subscription { countdown(from: Int!): Int, silent: Int, breaking: Int }
`);

/** The resolvers, as graphql's default resolver takes them. */
const rootValue = {
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

/** An app of another make: the server of the npm package graphql-ws on a bare HTTP server. */
export function graphqlWsApp(): HttpApp {
  const app = httpApp();
  useServer(
    {
      schema,
      roots: { query: rootValue, mutation: rootValue, subscription: rootValue },
      onConnect: ({ connectionParams }) => {
        if (connectionParams?.['token'] === 'bad') return false;
        return { hello: connectionParams?.['token'] ?? null };
      },
    },
    new WebSocketServer({ server: app.server, path: '/graphql' }),
  );
  return app;
}
