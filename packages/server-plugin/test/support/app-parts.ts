import { defineSubscription } from '@groupcast/fastify';
import { createGate, type Gate } from './gate.ts';

/** A small schema whose parts a test can hold: most tests of the wire need no more. */
export const typeDefs = `
  type Query { hello: String, fail: String, hang: String, echo(n: Int!): Int }
  type Mutation { work: String }
  type Message { text: String }
  type Subscription {
    onMessage(room: String): Message
    count(to: Int!): Int
    forever: Int
    broken: Int
    refused: Int
    slow: Int
  }
`;

/** What a test observes and steers of {@link createParts}. */
export interface AppParts {
  readonly onMessage: ReturnType<typeof defineMessages>;
  readonly resolvers: Record<string, Record<string, unknown>>;
  /** Holds the query `hang`. */
  readonly hanging: Gate<string>;
  /** Holds `subscribe` of the subscription `slow`. */
  readonly subscribing: Gate;
  /** How often the source `forever` was closed. */
  readonly closed: { count: number };
}

function defineMessages() {
  return defineSubscription({
    subscribe: (_root, args: { room?: string }) => args.room,
    publish: (message: { text: string }) => message,
  });
}

/** Makes resolvers of {@link typeDefs}, with gates of their own. */
export function createParts(): AppParts {
  const onMessage = defineMessages();
  const hanging = createGate<string>();
  const subscribing = createGate();
  const closed = { count: 0 };
  const endless = (): AsyncIterableIterator<never> => ({
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => new Promise(() => undefined),
    return: async () => {
      closed.count += 1;
      return { done: true, value: undefined };
    },
  });
  const resolvers = {
    Query: {
      hello: () => 'world',
      fail: () => {
        throw new Error('internal');
      },
      hang: () => hanging.arrive(),
      echo: (_root: unknown, args: { n: number }) => args.n,
    },
    Mutation: { work: () => 'done' },
    Subscription: {
      onMessage,
      count: {
        subscribe: async function* (_root: unknown, { to }: { to: number }) {
          for (let n = 1; n <= to; n += 1) yield { count: n };
        },
      },
      forever: { subscribe: endless },
      broken: {
        // biome-ignore lint/correctness/useYield: it fails before the first value
        subscribe: async function* () {
          throw new Error('source broke');
        },
      },
      refused: {
        subscribe: () => {
          throw new Error('not you');
        },
      },
      slow: {
        subscribe: async () => {
          await subscribing.arrive();
          return endless();
        },
      },
    },
  };
  return { onMessage, resolvers, hanging, subscribing, closed };
}
