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
    `, {"hash":"sha256:b7556e26cf007c86f611185810a7410f72cecd7d694da0709490b63c8d5a6513"}) as unknown as TypedDocumentString<RoomsQuery, RoomsQueryVariables>;
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
}`, {"hash":"sha256:cb0359eeb71284419bde650c455b34fef2f6a318223cb5462f70128666c753b8"}) as unknown as TypedDocumentString<MessageQuery, MessageQueryVariables>;
export const MessagesDocument = new TypedDocumentString(`
    query Messages($room: ID!, $first: Int = 10, $mood: Mood) {
  messages(room: $room, first: $first, mood: $mood) {
    id
    text
  }
}
    `, {"hash":"sha256:b5bbcd47dfeb30dfe634c2d8e0ebc677a050d6d6e15bd4d8ea3a1cfa971c81b1"}) as unknown as TypedDocumentString<MessagesQuery, MessagesQueryVariables>;
export const SendMessageDocument = new TypedDocumentString(`
    mutation SendMessage($input: MessageInput!) {
  sendMessage(input: $input) {
    id
  }
}
    `, {"hash":"sha256:ca2090fcfb9a689aeb67da6d0209c3315718238cdcf7725584553e3d4944536a"}) as unknown as TypedDocumentString<SendMessageMutation, SendMessageMutationVariables>;
export const LogOutDocument = new TypedDocumentString(`
    mutation LogOut {
  logOut
}
    `, {"hash":"sha256:0b6e62ffaa90081b102c4c41011f06f64be899efbe92bd33767bc7ac725ce107"}) as unknown as TypedDocumentString<LogOutMutation, LogOutMutationVariables>;
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
}`, {"hash":"sha256:4eea47899ff0e7eaca877ab3e76403bc0a51db4d37225221b2e17daaade50bec"}) as unknown as TypedDocumentString<MessageAddedSubscription, MessageAddedSubscriptionVariables>;
export const TickDocument = new TypedDocumentString(`
    subscription Tick($everyMs: Int) {
  tick(everyMs: $everyMs)
}
    `, {"hash":"sha256:3026d920aa431ab9523089cd8949f7ef165db15a43bb3312dbac05129c2ba769"}) as unknown as TypedDocumentString<TickSubscription, TickSubscriptionVariables>;
export const MoodChangedDocument = new TypedDocumentString(`
    subscription MoodChanged {
  moodChanged
}
    `, {"hash":"sha256:8f253672fe4ac9244ef90ba8ae1217b55530e2d95b536bb9823960183d191019"}) as unknown as TypedDocumentString<MoodChangedSubscription, MoodChangedSubscriptionVariables>;