import { EventEmitter, once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type Client, type ClientOptions, createClient } from '@groupcast/client';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import Fastify from 'fastify';
import { GraphQLError } from 'graphql';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

const typeDefs = `
  type Query { hello: String! sent: Int! fail: String }
  type Message { text: String! }
  type Mutation {
    send: Int!
    "Counts at once, and answers when it is released."
    sendSlowly: Int!
  }
  type Subscription { onMessage(room: String!): Message }
`;

/** Documents that the server knows by their hashes. */
const persisted: Readonly<Record<string, string>> = {
  hello: 'query Op { hello }',
  sendSlowly: 'mutation Op { sendSlowly }',
  kittens: 'subscription Op { onMessage(room: "kittens") { text } }',
};

/** A chat over a real socket, and a client of it. */
export interface Chat {
  readonly client: Client;
  /** Tells `sending` when a slow mutation begins, `left` when a subscriber has gone. */
  readonly events: EventEmitter;
  /** How often a mutation was executed. */
  readonly sent: number;
  /** Lets slow mutations answer. */
  release(): void;
  say(room: string, text: string): Promise<unknown>;
  /** Cuts all connections without a close. */
  cut(): void;
  /** Closes all connections with a code. */
  close(code: number, reason: string): Promise<void>;
}

/** Starts a chat that greets whoever has entered a room; all is closed after the test. */
export async function startChat(options: Partial<ClientOptions> = {}): Promise<Chat> {
  const events = new EventEmitter();
  const sockets = new Set<Socket>();
  let sent = 0;
  const app = Fastify();
  app.server.on('connection', (socket: Socket) => sockets.add(socket));
  const onMessage = defineSubscription<{ text: string }, { room: string }>({
    subscribe: (_root, { room }) => {
      if (room === 'cellar') throw new GraphQLError('The cellar is locked');
      return room;
    },
    initial: (_root, { room }) => ({ text: `Welcome to the ${room}` }),
    publish: ({ text }) => {
      if (text === 'bark') throw new GraphQLError('No dogs');
      return { text };
    },
    unsubscribed: () => void events.emit('left'),
  });
  const sendSlowly = async (): Promise<number> => {
    sent += 1;
    events.emit('sending');
    await once(events, 'release');
    return sent;
  };
  const fail = (): never => {
    throw new GraphQLError('This field always fails');
  };
  const resolvers = {
    Query: { hello: () => 'world', sent: () => sent, fail },
    Mutation: { send: () => (sent += 1), sendSlowly },
    Subscription: { onMessage },
  };
  await app.register(groupcast, {
    schema: makeExecutableSchema({ typeDefs, resolvers }),
    drainMs: 0,
    onConnect: () => ({ tags: ['all'], ack: { hello: 'client' } }),
    onOperation: ({ extensions }) => {
      const { sha256Hash } = Object(extensions?.['persistedQuery']);
      const query = persisted[`${sha256Hash}`];
      return query === undefined ? undefined : { query };
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocket: WebSocket,
    retryDelayMs: () => 0,
    ...options,
  });
  onTestFinished(async () => {
    events.emit('release');
    await client.close();
    await app.close();
  });
  return {
    client,
    events,
    get sent() {
      return sent;
    },
    release: () => void events.emit('release'),
    say: (room, text) => app.broadcast(onMessage, { group: room, payload: { text } }),
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: (code, reason) => app.graphqlWs.disconnect({ tag: 'all', code, reason }),
  };
}
