/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type MessageInput = {
  room: string | number;
  text: string;
  mood?: Mood | null | undefined;
};

export type Mood =
  | 'HAPPY'
  | 'SAD';

export type AuthorFragment = { id: string, name: string, mood: Mood | null };

export type RoomsQueryVariables = Exact<{ [key: string]: never; }>;


export type RoomsQuery = { rooms: Array<{ id: string, members: Array<{ name: string }> }> };

export type MessageQueryVariables = Exact<{
  id: string | number;
}>;


export type MessageQuery = { message: { text: string, author: { id: string, name: string, mood: Mood | null } } | null };

export type MessagesQueryVariables = Exact<{
  room: string | number;
  first?: number | null | undefined;
  mood?: Mood | null | undefined;
}>;


export type MessagesQuery = { messages: Array<{ id: string, text: string }> };

export type SendMessageMutationVariables = Exact<{
  input: MessageInput;
}>;


export type SendMessageMutation = { sendMessage: { id: string } };

export type LogOutMutationVariables = Exact<{ [key: string]: never; }>;


export type LogOutMutation = { logOut: boolean };

export type MessageAddedSubscriptionVariables = Exact<{
  room: string | number;
  mood?: Mood | null | undefined;
}>;


export type MessageAddedSubscription = { messageAdded: { id: string, text: string, author: { id: string, name: string, mood: Mood | null } } };

export type TickSubscriptionVariables = Exact<{
  everyMs?: number | null | undefined;
}>;


export type TickSubscription = { tick: number };

export type MoodChangedSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type MoodChangedSubscription = { moodChanged: Mood };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const AuthorFragmentDoc = new TypedDocumentString(`
    fragment Author on User {
  id
  name
  mood
}
    `, {"fragmentName":"Author"}) as unknown as TypedDocumentString<AuthorFragment, unknown>;
export const RoomsDocument = new TypedDocumentString(`
    query Rooms {
  rooms {
    id
    members {
      name
    }
  }
}
    `) as unknown as TypedDocumentString<RoomsQuery, RoomsQueryVariables>;
export const MessageDocument = new TypedDocumentString(`
    query Message($id: ID!) {
  message(id: $id) {
    text
    author {
      ...Author
    }
  }
}
    fragment Author on User {
  id
  name
  mood
}`) as unknown as TypedDocumentString<MessageQuery, MessageQueryVariables>;
export const MessagesDocument = new TypedDocumentString(`
    query Messages($room: ID!, $first: Int = 10, $mood: Mood) {
  messages(room: $room, first: $first, mood: $mood) {
    id
    text
  }
}
    `) as unknown as TypedDocumentString<MessagesQuery, MessagesQueryVariables>;
export const SendMessageDocument = new TypedDocumentString(`
    mutation SendMessage($input: MessageInput!) {
  sendMessage(input: $input) {
    id
  }
}
    `) as unknown as TypedDocumentString<SendMessageMutation, SendMessageMutationVariables>;
export const LogOutDocument = new TypedDocumentString(`
    mutation LogOut {
  logOut
}
    `) as unknown as TypedDocumentString<LogOutMutation, LogOutMutationVariables>;
export const MessageAddedDocument = new TypedDocumentString(`
    subscription MessageAdded($room: ID!, $mood: Mood) {
  messageAdded(room: $room, mood: $mood) {
    id
    text
    author {
      ...Author
    }
  }
}
    fragment Author on User {
  id
  name
  mood
}`) as unknown as TypedDocumentString<MessageAddedSubscription, MessageAddedSubscriptionVariables>;
export const TickDocument = new TypedDocumentString(`
    subscription Tick($everyMs: Int) {
  tick(everyMs: $everyMs)
}
    `) as unknown as TypedDocumentString<TickSubscription, TickSubscriptionVariables>;
export const MoodChangedDocument = new TypedDocumentString(`
    subscription MoodChanged {
  moodChanged
}
    `) as unknown as TypedDocumentString<MoodChangedSubscription, MoodChangedSubscriptionVariables>;