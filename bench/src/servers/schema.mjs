/** The schema of all GraphQL servers. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import { MOST_FIELDS, wideFields } from '../documents.mjs';

const manyFields = wideFields(MOST_FIELDS)
  .map((name) => `${name}: String!`)
  .join(' ');

export const typeDefs = `
  type Author { name: String! }
  type Message { id: ID! room: String! author: Author! text: String! sentAt: Float! ${manyFields} }
  type Query { hello: String! }
  type Subscription { onMessage(room: String!, viewer: String): Message! }
`;

/**
 * @param {object} onMessage - the subscription field, as the server wants it
 */
export function createResolvers(onMessage) {
  return { Query: { hello: () => 'world' }, Subscription: { onMessage } };
}

/** @param {object} onMessage */
export function createSchema(onMessage) {
  return makeExecutableSchema({ typeDefs, resolvers: createResolvers(onMessage) });
}

/** Counts calls of `subscribe` that have their source: when all do, messages may come. */
export function countSubscribers(subscribe) {
  let count = 0;
  return {
    subscribers: () => count,
    subscribe: async (...args) => {
      const source = await subscribe(...args);
      count += 1;
      return source;
    },
  };
}
