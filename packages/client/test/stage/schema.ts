import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Ledger } from './ledger.ts';
import type { Rooms } from './rooms.ts';

const typeDefs = `
  type Message { room: String! text: String! author: String }
  type Query {
    hello: String!
    "How often a mutation ran."
    count: Int!
    fail: String
    "Answers when the key is released."
    slow(key: String!): String!
    echo(value: String!): String!
  }
  type Mutation {
    "How often it ran with this key."
    increment(key: String!): Int!
    "Counts at once, answers when the key is released."
    slowIncrement(key: String!): Int!
  }
  type Subscription {
    onMessage(room: String!): Message!
    onNumber(room: String!): Int!
    "Ends by itself."
    countdown(from: Int!): Int!
    "Its source throws after the first."
    failing: String
  }
`;

/** The fields that rooms are subscribed by. */
export const roomFields = ['onMessage', 'onNumber'] as const;

type RoomField = (typeof roomFields)[number];

/** The schema of all servers; how rooms are subscribed is the server's matter. */
export function createSchema(
  ledger: Ledger,
  roomSubscriptions: Readonly<Record<RoomField, object>>,
): GraphQLSchema {
  return makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: {
        hello: () => 'world',
        count: () => ledger.increments,
        fail: () => {
          throw new GraphQLError('This field always fails', { extensions: { code: 'ALWAYS' } });
        },
        slow: async (_root, { key }: { key: string }) => {
          ledger.note(key);
          await ledger.released(key);
          return key;
        },
        echo: (_root, { value }: { value: string }) => value,
      },
      Mutation: {
        increment: (_root, { key }: { key: string }) => increment(ledger, key),
        slowIncrement: async (_root, { key }: { key: string }) => {
          const count = increment(ledger, key);
          await ledger.released(key);
          return count;
        },
      },
      Subscription: {
        ...roomSubscriptions,
        countdown: {
          subscribe: (_root: unknown, { from }: { from: number }) => countdown(from),
          resolve: asItIs,
        },
        failing: { subscribe: failing, resolve: asItIs },
      },
    },
  });
}

/** Rooms for servers without groups: an iterator for each subscriber. */
export function listening(rooms: Rooms): Readonly<Record<RoomField, object>> {
  const subscription = (field: RoomField) => ({
    subscribe: (_root: unknown, { room }: { room: string }) => rooms.listen(field, room),
    resolve: asItIs,
  });
  return { onMessage: subscription('onMessage'), onNumber: subscription('onNumber') };
}

function asItIs(payload: unknown): unknown {
  return payload;
}

function increment(ledger: Ledger, key: string): number {
  ledger.increments += 1;
  return ledger.note(key);
}

async function* countdown(from: number): AsyncGenerator<number> {
  for (let number = from; number > 0; number -= 1) yield number;
}

async function* failing(): AsyncGenerator<string> {
  yield 'first';
  throw new GraphQLError('The source has failed');
}
