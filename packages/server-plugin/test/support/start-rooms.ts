import {
  defineSubscription,
  type Subscription,
  type SubscriptionOptions,
} from '@groupcast/fastify';
import type { TestConnection, TestOperation } from '@groupcast/testing';
import { type StartedApp, type StartOptions, startApp } from './start-app.ts';
import type { Wire } from './wires.ts';

/** What is broadcast to a room. */
export interface RoomMessage {
  readonly text: string;
}

/** The arguments of the subscription fields. */
export interface RoomArgs {
  readonly rooms?: readonly string[] | null;
}

type RoomOptions = SubscriptionOptions<RoomMessage, RoomArgs, object>;

const typeDefs = `
  type Query { hello: String }
  type Message { text: String }
  type Subscription {
    onMessage(rooms: [String!]): Message
    onNotice(rooms: [String!]): Message
  }
`;

/** A running app with two subscriptions of rooms. */
export interface StartedRooms extends StartedApp {
  readonly onMessage: Subscription<RoomMessage, RoomArgs, object>;
  /** As `onMessage`, always without further options. */
  readonly onNotice: Subscription<RoomMessage, RoomArgs, object>;
}

function defineRooms(options: Partial<RoomOptions>): Subscription<RoomMessage, RoomArgs, object> {
  return defineSubscription<RoomMessage, RoomArgs, object>({
    subscribe: (_root, { rooms }) => rooms,
    ...options,
  });
}

/** Starts an app with a subscription whose groups are its argument; `definition` adds to it. */
export async function startRooms(
  wire: Wire,
  definition: Partial<RoomOptions> = {},
  options: StartOptions = {},
): Promise<StartedRooms> {
  const onMessage = defineRooms(definition);
  const onNotice = defineRooms({});
  const started = await startApp(wire, {
    typeDefs,
    resolvers: { Query: { hello: () => 'world' }, Subscription: { onMessage, onNotice } },
    ...options,
  });
  return { ...started, onMessage, onNotice };
}

/** Starts `onMessage` and waits for nothing; without rooms it hears what goes to all. */
export function startHearing(client: TestConnection, ...rooms: readonly string[]): TestOperation {
  return client.start(...hearing(rooms));
}

/** Subscribes to `onMessage`, and waits until it is live or has ended. */
export function hear(client: TestConnection, ...rooms: readonly string[]): Promise<TestOperation> {
  return client.subscribe(...hearing(rooms));
}

function hearing(rooms: readonly string[]) {
  return [
    'subscription ($rooms: [String!]) { onMessage(rooms: $rooms) { text } }',
    { variables: { rooms: [...rooms] } },
  ] as const;
}

/** The data of a notification of `onMessage`. */
export function message(text: string): { onMessage: { text: string } } {
  return { onMessage: { text } };
}
