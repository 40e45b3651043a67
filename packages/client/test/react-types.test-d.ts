import {
  type Client,
  type ClientError,
  type ClientStatus,
  type Continuity,
  type Document,
  GraphQLResponseError,
  type Rest,
  type Untyped,
} from '@groupcast/client';
import {
  ClientProvider,
  type SubscriptionState,
  type UseSubscriptionOptions,
  type UseSubscriptionResult,
  useClient,
  useClientStatus,
  useSubscription,
} from '@groupcast/client/react';
import { parse, type TypedQueryDocumentNode } from 'graphql';
import { createElement, type ReactElement } from 'react';
import { expectTypeOf, test } from 'vitest';
import * as hashOnlyNode from './documents/generated/hash-only-node/graphql.ts';
import * as hashOnlyString from './documents/generated/hash-only-string/graphql.ts';
import * as node from './documents/generated/node/graphql.ts';
import * as persistedNode from './documents/generated/persisted-node/graphql.ts';
import * as persistedString from './documents/generated/persisted-string/graphql.ts';
import * as string from './documents/generated/string/graphql.ts';
import * as tada from './documents/tada.ts';

declare const client: Client;

type Mood = 'HAPPY' | 'SAD';

interface MessageAdded {
  messageAdded: {
    id: string;
    text: string;
    author: { id: string; name: string; mood: Mood | null };
  };
}

type Tick = UseSubscriptionResult<{ tick: number }>;

test('every form of a document gives the type of its data', () => {
  const variables = { room: 'a' };
  type Expected = UseSubscriptionResult<MessageAdded>;

  expectTypeOf(useSubscription(node.MessageAddedDocument, variables)).toEqualTypeOf<Expected>();
  expectTypeOf(useSubscription(string.MessageAddedDocument, variables)).toEqualTypeOf<Expected>();
  expectTypeOf(
    useSubscription(persistedNode.MessageAddedDocument, variables),
  ).toEqualTypeOf<Expected>();
  expectTypeOf(
    useSubscription(persistedString.MessageAddedDocument, variables),
  ).toEqualTypeOf<Expected>();
  expectTypeOf(
    useSubscription(hashOnlyNode.MessageAddedDocument, variables),
  ).toEqualTypeOf<Expected>();
  expectTypeOf(
    useSubscription(hashOnlyString.MessageAddedDocument, variables),
  ).toEqualTypeOf<Expected>();
  expectTypeOf(useSubscription(tada.Tick)).toEqualTypeOf<Tick>();
  const ofGraphQL = parse('subscription { a }') as TypedQueryDocumentNode<{ a: 1 }, { b: 2 }>;
  expectTypeOf(useSubscription(ofGraphQL, { b: 2 }).data).toEqualTypeOf<{ a: 1 } | undefined>();
});

test('a document without types takes them where they are said', () => {
  expectTypeOf(useSubscription('subscription { a }').data).toEqualTypeOf<Untyped | undefined>();
  expectTypeOf(useSubscription<{ a: number }>('subscription { a }').data).toEqualTypeOf<
    { a: number } | undefined
  >();
  useSubscription<{ a: number }, { b: string }>('subscription ($b: String!) { a }', { b: '' });

  // @ts-expect-error the variables are missing
  useSubscription<{ a: number }, { b: string }>('subscription ($b: String!) { a }');
});

test('variables may be left out exactly when none is required', () => {
  useSubscription(node.TickDocument);
  useSubscription(node.TickDocument, {});
  useSubscription(node.TickDocument, undefined, { enabled: false });
  useSubscription(string.MoodChangedDocument, {}, { enabled: false });

  // @ts-expect-error the variables are missing
  useSubscription(node.MessageAddedDocument);
  // @ts-expect-error a variable is missing
  useSubscription(string.MessageAddedDocument, {});
  // @ts-expect-error there is no such variable
  useSubscription(node.MessageAddedDocument, { room: 'a', id: '1' });
  // @ts-expect-error a variable has another type
  useSubscription(hashOnlyString.MessageAddedDocument, { room: true });
  // @ts-expect-error options in the place of variables
  useSubscription(node.TickDocument, { enabled: false });
  // @ts-expect-error a request
  useSubscription({ query: 'subscription { a }' });
});

test('callbacks get the data of the document', () => {
  useSubscription(
    node.MessageAddedDocument,
    { room: 'a' },
    {
      client,
      enabled: true,
      bufferLimit: 1,
      extensions: { trace: '1' },
      operationName: 'MessageAdded',
      onData: (data) => expectTypeOf(data).toEqualTypeOf<MessageAdded>(),
      onError: (error) => expectTypeOf(error).toEqualTypeOf<ClientError>(),
      onContinuity: (continuity) => expectTypeOf(continuity).toEqualTypeOf<Continuity>(),
    },
  );
  useSubscription(
    'subscription { a }',
    {},
    {
      onData: (data) => expectTypeOf(data).toEqualTypeOf<Untyped>(),
    },
  );

  // @ts-expect-error another data is expected
  useSubscription(tada.Tick, {}, { onData: (_data: { tick: string }) => {} });
  // @ts-expect-error a component ends it by going, or by `enabled`
  useSubscription(tada.Tick, {}, { signal: AbortSignal.timeout(1) });
  // @ts-expect-error there is no such option
  useSubscription(tada.Tick, {}, { skip: true });
});

test('a state is told apart by its status', () => {
  const { restart, ...state } = useSubscription(tada.Tick);
  expectTypeOf(state).toExtend<SubscriptionState<{ tick: number }>>();
  expectTypeOf(restart).toEqualTypeOf<() => void>();
  const { status, data, error } = useSubscription(tada.Tick);
  switch (status) {
    case 'idle':
      expectTypeOf(data).toEqualTypeOf<undefined>();
      expectTypeOf(error).toEqualTypeOf<undefined>();
      return;
    case 'connecting':
    case 'live':
      expectTypeOf(data).toEqualTypeOf<{ tick: number } | undefined>();
      expectTypeOf(error).toEqualTypeOf<GraphQLResponseError | undefined>();
      return;
    case 'ended':
      expectTypeOf(error).toEqualTypeOf<ClientError | undefined>();
      if (error instanceof GraphQLResponseError) error.errors;
      return;
    default:
      return status satisfies never;
  }
});

test('hooks around the hook keep its types', () => {
  function useLive<R, V>(document: Document<R, V>, ...rest: Rest<V, UseSubscriptionOptions<R>>) {
    return useSubscription(document, ...rest);
  }

  expectTypeOf(useLive(tada.Tick)).toEqualTypeOf<Tick>();
  // @ts-expect-error the variables are missing
  useLive(node.MessageAddedDocument);
});

test('a provider needs a client, and the other hooks take one', () => {
  expectTypeOf(ClientProvider({ client })).toEqualTypeOf<ReactElement>();
  createElement(ClientProvider, { client }, 'a', 'b');
  expectTypeOf(useClient()).toEqualTypeOf<Client>();
  expectTypeOf(useClientStatus()).toEqualTypeOf<ClientStatus>();
  expectTypeOf(useClientStatus(client)).toEqualTypeOf<ClientStatus>();

  // @ts-expect-error the client is missing
  createElement(ClientProvider, {});
});
