import { makeExecutableSchema } from '@graphql-tools/schema';
import { type Broadcast, defineSubscription, type Subscription } from '@groupcast/fastify';
import type { GraphQLSchema } from 'graphql';
import { ChatError } from './chat-error.ts';
import type { ChatStore, Message } from './chat-store.ts';
import { countdown } from './countdown.ts';

const typeDefs = /* GraphQL */ `
  type Message {
    id: ID!
    room: String!
    author: String!
    text: String!
    "ISO 8601"
    sentAt: String!
  }

  type Typing {
    name: String!
    isTyping: Boolean!
  }

  type Query {
    rooms: [String!]!
    "The latest messages, the oldest first"
    history(room: String!): [Message!]!
  }

  type Mutation {
    sendMessage(room: String!, text: String!): Message!
    "To be repeated every few seconds while somebody types"
    setTyping(room: String!, isTyping: Boolean!): Boolean!
  }

  type Subscription {
    "The messages of others"
    onMessage(room: String!): Message!
    "Others who begin to type, go on or stop"
    onTyping(room: String!): Typing!
    "One number each second, down to 0"
    countdown(from: Int!): Int!
  }
`;

/** Who asks, and what it takes to answer: made once for each operation. */
export interface ChatContext {
  /** The name that was given when the connection was made. */
  readonly name: string;
  readonly chat: ChatStore;
  readonly broadcast: Broadcast;
  /** Fires when the operation ends. */
  readonly signal: AbortSignal;
}

/** Somebody begins to type, goes on or stops. */
export interface Typing {
  readonly name: string;
  readonly isTyping: boolean;
}

/** The arguments of all that happens in a room. */
export interface RoomArgs {
  readonly room: string;
}

/** The messages of a room, for everybody in it but their authors. */
export const onMessage: Subscription<Message, RoomArgs, ChatContext> = defineSubscription({
  subscribe: (_root, { room }: RoomArgs, { chat }: ChatContext) => {
    chat.requireRoom(room);
    return room;
  },
  filter: (message: Message, _args, { name }: ChatContext) => message.author !== name,
});

/**
 * Who is typing in a room: worth nothing a few seconds later.
 *
 * So only the newest waits for a slow client. Nothing hangs on one that was dropped: it is repeated
 * while somebody types, and clients forget it after a few seconds.
 */
export const onTyping: Subscription<Typing, RoomArgs, ChatContext> = defineSubscription({
  subscribe: (_root, { room }: RoomArgs, { chat }: ChatContext) => {
    chat.requireRoom(room);
    return room;
  },
  filter: (typing: Typing, _args, { name }: ChatContext) => typing.name !== name,
  queueLimit: 1,
});

/** How the chat's schema is made. */
export interface ChatSchemaOptions {
  /** Milliseconds between two numbers of `countdown`. */
  readonly countdownIntervalMs: number;
}

/** Makes the schema of the chat; its resolvers expect a {@link ChatContext}. */
export function createChatSchema({ countdownIntervalMs }: ChatSchemaOptions): GraphQLSchema {
  return makeExecutableSchema<ChatContext>({
    typeDefs,
    resolvers: {
      Message: { sentAt: (message: Message) => message.sentAt.toISOString() },
      Query: {
        rooms: (_root, _args, { chat }) => chat.rooms,
        history: (_root, { room }, { chat }) => chat.history(room),
      },
      Mutation: {
        sendMessage: async (_root, { room, text }, { name, chat, broadcast }) => {
          const message = chat.add({ room, author: name, text });
          await broadcast(onMessage, { group: room, payload: message });
          return message;
        },
        setTyping: async (_root, { room, isTyping }, { name, chat, broadcast }) => {
          chat.requireRoom(room);
          await broadcast(onTyping, { group: room, payload: { name, isTyping } });
          return isTyping;
        },
      },
      Subscription: {
        onMessage,
        onTyping,
        countdown: {
          subscribe: (_root, { from }, { signal }) => {
            if (from < 0 || from > 3_600) throw new ChatError('Count from 0 to 3600', 400);
            return countdown(from, countdownIntervalMs, signal);
          },
          resolve: (left: number) => left,
        },
      },
    },
  });
}
