import { makeExecutableSchema } from '@graphql-tools/schema';
import { type Broadcast, defineSubscription, type Subscription } from '@groupcast/fastify';
import type { GraphQLSchema } from 'graphql';
import type { Chat } from './chat.ts';
import { ChatError } from './chat-error.ts';
import type { Draft, Message } from './chat-store.ts';
import { countdown } from './countdown.ts';
import { liveResolvers, liveTypeDefs } from './live/live-schema.ts';
import type { LiveContext } from './live/live-subscription.ts';
import type { Presence } from './presence.ts';

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
    "Cuts the connection of who asks, and says something meanwhile. The answer gets lost, too"
    cutConnection(room: String!): Boolean!
    "The server lets everybody go, and is back in a moment"
    restartServer: Boolean!
  }

  type Subscription {
    "The messages of others"
    onMessage(room: String!): Message!
    "Others who begin to type, go on or stop"
    onTyping(room: String!): Typing!
    "The names of those in the room, at first and on each change. Who subscribes is in the room"
    onPresence(room: String!): [String!]!
    "One number each second, down to 0"
    countdown(from: Int!): Int!
  }
`;

/** Who asks, and what it takes to answer: made once for each operation. */
export interface ChatContext extends LiveContext {
  /** The name that was given when the connection was made. */
  readonly name: string;
  readonly chat: Chat;
  readonly presence: Presence;
  readonly broadcast: Broadcast;
  /** Of this operation; unique in the world. */
  readonly operationId: string;
  /** Fires when the operation ends. */
  readonly signal: AbortSignal;
  /** Cuts the line to who asks, without a word. */
  readonly cut: () => void;
  /** Undefined where pages may not. */
  readonly restart: (() => void) | undefined;
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

/** Who is in a room. Only the newest waits for a slow client: it says it all. */
export const onPresence: Subscription<readonly string[], RoomArgs, ChatContext> =
  defineSubscription({
    subscribe: (_root, { room }: RoomArgs, { chat }: ChatContext) => {
      chat.requireRoom(room);
      return room;
    },
    initial: (_root, { room }: RoomArgs, { presence, operationId, name }: ChatContext) =>
      presence.enter({ id: operationId, room, name }),
    unsubscribed: (_reason, _args, { presence, operationId }: ChatContext) =>
      presence.leave(operationId),
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
    typeDefs: [typeDefs, liveTypeDefs],
    resolvers: {
      ...liveResolvers,
      Message: { sentAt: (message: Message) => message.sentAt.toISOString() },
      Query: {
        ...liveResolvers.Query,
        rooms: (_root, _args, { chat }) => chat.rooms,
        history: (_root, { room }, { chat }) => chat.history(room),
      },
      Mutation: {
        ...liveResolvers.Mutation,
        sendMessage: (_root, { room, text }, context) =>
          say({ room, author: context.name, text }, context),
        setTyping: async (_root, { room, isTyping }, { name, chat, broadcast }) => {
          chat.requireRoom(room);
          await broadcast(onTyping, { group: room, payload: { name, isTyping } });
          return isTyping;
        },
        cutConnection: async (_root, { room }, context) => {
          context.chat.requireRoom(room);
          context.cut();
          const text = `${context.name}, you are cut off. You read this because it was fetched again.`;
          await say({ room, author: 'The server', text }, context);
          return true;
        },
        restartServer: (_root, _args, { restart }) => {
          if (!restart) throw new ChatError('This server is not restarted from pages', 403);
          restart();
          return true;
        },
      },
      Subscription: {
        ...liveResolvers.Subscription,
        onMessage,
        onTyping,
        onPresence,
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

async function say(draft: Draft, { chat, broadcast }: ChatContext): Promise<Message> {
  const message = await chat.add(draft);
  await broadcast(onMessage, { group: message.room, payload: message });
  return message;
}
