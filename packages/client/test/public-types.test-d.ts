import { type TypedDocumentNode as ApolloDocument, gql } from '@apollo/client';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import {
  type Client,
  ClientError,
  type ClientErrorCode,
  type ClientOptions,
  type ClientStatus,
  type Continuity,
  createClient,
  type Document,
  type FormattedError,
  type GapReason,
  GraphQLResponseError,
  type RequestOptions,
  type Rest,
  type Result,
  type SubscribeOptions,
  type Subscription,
  type Untyped,
} from '@groupcast/client';
import { printDocument } from '@groupcast/client/print';
import type { TypedDocumentNode as UrqlDocument } from '@urql/core';
import { parse, print, type TypedQueryDocumentNode } from 'graphql';
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

interface Rooms {
  rooms: { id: string; members: { name: string }[] }[];
}

interface Message {
  message: {
    text: string;
    author: { id: string; name: string; mood: Mood | null };
  } | null;
}

interface MessageAdded {
  messageAdded: {
    id: string;
    text: string;
    author: { id: string; name: string; mood: Mood | null };
  };
}

/** What a subscription gives, by each of the ways to get it. */
async function elementsOf<R>(subscription: Subscription<R>) {
  for await (const element of subscription) {
    for await (const result of subscription.results()) return { element, result };
  }
  return undefined;
}

test('documents of codegen', async () => {
  expectTypeOf(await client.query(node.RoomsDocument)).toEqualTypeOf<Rooms>();
  expectTypeOf(await client.query(node.MessageDocument, { id: '1' })).toEqualTypeOf<Message>();
  expectTypeOf(await client.mutate(node.LogOutDocument)).toEqualTypeOf<{ logOut: boolean }>();
  expectTypeOf(
    await client.mutate(node.SendMessageDocument, { input: { room: 'a', text: 'b', mood: 'SAD' } }),
  ).toEqualTypeOf<{ sendMessage: { id: string } }>();
  expectTypeOf(client.subscribe(node.MessageAddedDocument, { room: 'a' })).toEqualTypeOf<
    Subscription<MessageAdded>
  >();
  expectTypeOf(client.subscribe(node.TickDocument)).toEqualTypeOf<Subscription<{ tick: number }>>();
  expectTypeOf(client.subscribe(node.MoodChangedDocument)).toEqualTypeOf<
    Subscription<{ moodChanged: Mood }>
  >();

  // @ts-expect-error the variables are missing
  client.query(node.MessageDocument);
  // @ts-expect-error the variables are missing
  client.query(node.MessageDocument, undefined);
  // @ts-expect-error a required variable is missing
  client.query(node.MessageDocument, {});
  // @ts-expect-error a variable has another type
  client.query(node.MessageDocument, { id: true });
  // @ts-expect-error there is no such variable
  client.query(node.MessageDocument, { id: '1', room: 'a' });
  // @ts-expect-error there are no variables
  client.query(node.RoomsDocument, { id: '1' });
  // @ts-expect-error a member of the input is missing
  client.mutate(node.SendMessageDocument, { input: { room: 'a' } });
  // @ts-expect-error there is no such member
  client.mutate(node.SendMessageDocument, { input: { room: 'a', text: 'b', urgent: true } });
  // @ts-expect-error there is no such value
  client.mutate(node.SendMessageDocument, { input: { room: 'a', text: 'b', mood: 'ANGRY' } });
  // @ts-expect-error the variables are missing
  client.subscribe(node.MessageAddedDocument);
  // @ts-expect-error a variable has another type
  client.subscribe(node.TickDocument, { everyMs: '1' });
  // @ts-expect-error there are no variables
  client.subscribe(node.MoodChangedDocument, { everyMs: 1 });
});

test('documents of codegen as strings', async () => {
  expectTypeOf(await client.query(string.RoomsDocument)).toEqualTypeOf<Rooms>();
  expectTypeOf(await client.query(string.MessageDocument, { id: '1' })).toEqualTypeOf<Message>();
  expectTypeOf(await client.mutate(string.LogOutDocument)).toEqualTypeOf<{ logOut: boolean }>();
  expectTypeOf(
    await client.mutate(string.SendMessageDocument, { input: { room: 'a', text: 'b' } }),
  ).toEqualTypeOf<{ sendMessage: { id: string } }>();
  expectTypeOf(client.subscribe(string.MessageAddedDocument, { room: 'a' })).toEqualTypeOf<
    Subscription<MessageAdded>
  >();
  expectTypeOf(await client.query(`${string.RoomsDocument}`)).toEqualTypeOf<Untyped>();
  expectTypeOf(client.subscribe(string.TickDocument, { everyMs: 1 })).toEqualTypeOf<
    Subscription<{ tick: number }>
  >();

  // @ts-expect-error the variables are missing
  client.query(string.MessageDocument);
  // @ts-expect-error a required variable is missing
  client.query(string.MessageDocument, {});
  // @ts-expect-error a variable has another type
  client.query(string.MessageDocument, { id: true });
  // @ts-expect-error there is no such variable
  client.query(string.MessageDocument, { id: '1', room: 'a' });
  // @ts-expect-error there are no variables
  client.mutate(string.LogOutDocument, { id: '1' });
  // @ts-expect-error the variables are missing
  client.subscribe(string.MessageAddedDocument);
  // @ts-expect-error there is no such value
  client.subscribe(string.MessageAddedDocument, { room: 'a', mood: 'ANGRY' });
});

test('persisted documents of codegen', async () => {
  expectTypeOf(await client.query(persistedNode.RoomsDocument)).toEqualTypeOf<Rooms>();
  expectTypeOf(await client.query(persistedString.RoomsDocument)).toEqualTypeOf<Rooms>();
  expectTypeOf(await client.query(hashOnlyNode.RoomsDocument)).toEqualTypeOf<Rooms>();
  expectTypeOf(await client.query(hashOnlyString.RoomsDocument)).toEqualTypeOf<Rooms>();
  expectTypeOf(
    client.subscribe(persistedNode.MessageAddedDocument, { room: 'a', mood: null }),
  ).toEqualTypeOf<Subscription<MessageAdded>>();
  expectTypeOf(
    client.subscribe(persistedString.MessageAddedDocument, { room: 'a', mood: 'SAD' }),
  ).toEqualTypeOf<Subscription<MessageAdded>>();
  expectTypeOf(client.subscribe(hashOnlyString.MessageAddedDocument, { room: 'a' })).toEqualTypeOf<
    Subscription<MessageAdded>
  >();

  // @ts-expect-error the variables are missing
  client.query(persistedNode.MessageDocument);
  // @ts-expect-error the variables are missing
  client.query(persistedString.MessageDocument);
  // @ts-expect-error a required variable is missing
  client.query(hashOnlyNode.MessageDocument, {});
  // @ts-expect-error a variable has another type
  client.query(hashOnlyString.MessageDocument, { id: true });
  // @ts-expect-error there is no such variable
  client.subscribe(persistedString.MessageAddedDocument, { room: 'a', id: '1' });
});

test('documents of gql.tada', async () => {
  expectTypeOf(await client.query(tada.Rooms)).toEqualTypeOf<Rooms>();
  expectTypeOf(await client.query(tada.Message, { id: '1' })).toEqualTypeOf<Message>();
  expectTypeOf(await client.mutate(tada.LogOut)).toEqualTypeOf<{ logOut: boolean }>();
  expectTypeOf(
    await client.mutate(tada.SendMessage, { input: { room: 'a', text: 'b', mood: 'SAD' } }),
  ).toEqualTypeOf<{ sendMessage: { id: string } }>();
  expectTypeOf(client.subscribe(tada.MessageAdded, { room: 'a' })).toEqualTypeOf<
    Subscription<MessageAdded>
  >();
  expectTypeOf(client.subscribe(tada.Tick)).toEqualTypeOf<Subscription<{ tick: number }>>();
  expectTypeOf(client.subscribe(tada.MoodChanged)).toEqualTypeOf<
    Subscription<{ moodChanged: Mood }>
  >();
  expectTypeOf(await client.query(tada.PersistedMessage, { id: '1' })).toEqualTypeOf<Message>();
  expectTypeOf(client.subscribe(tada.PersistedMessageAdded, { room: 'a' })).toEqualTypeOf<
    Subscription<MessageAdded>
  >();

  // @ts-expect-error the variables are missing
  client.query(tada.Message);
  // @ts-expect-error a required variable is missing
  client.query(tada.Message, {});
  // @ts-expect-error a variable has another type
  client.query(tada.Message, { id: true });
  // @ts-expect-error there is no such variable
  client.query(tada.Message, { id: '1', room: 'a' });
  // @ts-expect-error the variables are missing
  client.query(tada.PersistedMessage);
  // @ts-expect-error a variable has another type
  client.query(tada.PersistedMessage, { id: true });
  // @ts-expect-error there is no such value
  client.mutate(tada.SendMessage, { input: { room: 'a', text: 'b', mood: 'ANGRY' } });
  // @ts-expect-error the variables are missing
  client.subscribe(tada.MessageAdded);
  // @ts-expect-error a variable has another type
  client.subscribe(tada.Tick, { everyMs: '1' });
});

test('documents with the types of graphql-js, of typed-document-node, of Apollo and of urql', async () => {
  type Data = { a: number };
  type Variables = { b: string; c?: number };
  const source = 'query Q($b: String!, $c: Int) { a(b: $b, c: $c) }';
  const ofGraphQL = parse(source) as TypedQueryDocumentNode<Data, Variables>;
  const ofCore: TypedDocumentNode<Data, Variables> = parse(source);
  const ofApollo: ApolloDocument<Data, Variables> = gql(source);
  const ofUrql: UrqlDocument<Data, Variables> = parse(source);

  expectTypeOf(await client.query(ofGraphQL, { b: '' })).toEqualTypeOf<Data>();
  expectTypeOf(await client.query(ofCore, { b: '', c: 1 })).toEqualTypeOf<Data>();
  expectTypeOf(await client.query(ofApollo, { b: '' })).toEqualTypeOf<Data>();
  expectTypeOf(await client.query(ofUrql, { b: '' })).toEqualTypeOf<Data>();
  expectTypeOf(await client.mutate(ofGraphQL, { b: '' })).toEqualTypeOf<Data>();
  expectTypeOf(client.subscribe(ofGraphQL, { b: '' })).toEqualTypeOf<Subscription<Data>>();
  expectTypeOf(client.subscribe(ofCore, { b: '' })).toEqualTypeOf<Subscription<Data>>();
  expectTypeOf(client.subscribe(ofApollo, { b: '' })).toEqualTypeOf<Subscription<Data>>();
  expectTypeOf(client.subscribe(ofUrql, { b: '' })).toEqualTypeOf<Subscription<Data>>();

  // @ts-expect-error the variables are missing
  client.query(ofGraphQL);
  // @ts-expect-error the variables are missing
  client.query(ofCore);
  // @ts-expect-error the variables are missing
  client.mutate(ofApollo);
  // @ts-expect-error the variables are missing
  client.subscribe(ofUrql);
  // @ts-expect-error a variable has another type
  client.query(ofGraphQL, { b: 1 });
  // @ts-expect-error a variable has another type
  client.query(ofCore, { b: '', c: '' });
  // @ts-expect-error a variable has another type
  client.query(ofUrql, { b: 1 });
  // @ts-expect-error there is no such variable
  client.subscribe(ofGraphQL, { b: '', d: 1 });
  // @ts-expect-error there is no such variable
  client.subscribe(ofCore, { b: '', d: 1 });
});

test('text has the types that are said, and any without', async () => {
  expectTypeOf(await client.query('{ a }')).toEqualTypeOf<Untyped>();
  expectTypeOf<Untyped>().toEqualTypeOf<Record<string, unknown>>();
  expectTypeOf(await client.query('{ a }', { anything: 1 })).toEqualTypeOf<Untyped>();
  expectTypeOf(await client.mutate('mutation { a }')).toEqualTypeOf<Untyped>();
  expectTypeOf(client.subscribe('subscription { a }')).toEqualTypeOf<Subscription<Untyped>>();

  type Data = { a: number };
  expectTypeOf(await client.query<Data>('{ a }')).toEqualTypeOf<Data>();
  expectTypeOf(await client.query<Data>('{ a }', { anything: 1 })).toEqualTypeOf<Data>();
  expectTypeOf(await client.query<Data, { b: 1 }>('{ a }', { b: 1 })).toEqualTypeOf<Data>();
  expectTypeOf(client.subscribe<Data, { b?: 1 }>('subscription { a }')).toEqualTypeOf<
    Subscription<Data>
  >();
  expectTypeOf(await client.query<Data, never>('{ a }', {} as never)).toEqualTypeOf<Data>();

  // @ts-expect-error variables are an object
  client.query('{ a }', 1);
  // @ts-expect-error the variables are missing
  client.query<Data, { b: number }>('{ a }');
  // @ts-expect-error a variable has another type
  client.mutate<Data, { b: number }>('{ a }', { b: '' });
  // @ts-expect-error there is no such variable
  client.subscribe<Data, { b?: number }>('{ a }', { c: 1 });
});

test('parsed documents without types are as text', async () => {
  const document = gql('{ a }');
  expectTypeOf(await client.query(document)).toEqualTypeOf<Untyped>();
  expectTypeOf(await client.query(parse('{ a }'), { anything: 1 })).toEqualTypeOf<Untyped>();
  expectTypeOf(client.subscribe(document)).toEqualTypeOf<Subscription<Untyped>>();
  expectTypeOf(await client.query<{ a: number }>(document)).toEqualTypeOf<{ a: number }>();
  expectTypeOf(client.subscribe<{ a: number }, { b: 1 }>(document, { b: 1 })).toEqualTypeOf<
    Subscription<{ a: number }>
  >();

  // @ts-expect-error the variables are missing
  client.query<{ a: number }, { b: number }>(document);
});

test('what is no document is refused', () => {
  // @ts-expect-error a document is needed
  client.query();
  // @ts-expect-error a number
  client.query(1);
  // @ts-expect-error an operation, not a document
  client.query({ kind: 'OperationDefinition', definitions: [] });
  // @ts-expect-error a promise of a document
  client.query(Promise.resolve('{ a }'));
  // @ts-expect-error a request
  client.query({ query: '{ a }' });
});

test('the types that are said must be those of the document', () => {
  client.query<Rooms, node.RoomsQueryVariables>(node.RoomsDocument);
  client.query<Message, { id: string }>(string.MessageDocument, { id: '1' });
  client.query<Message, { id: string }>(tada.Message, { id: '1' });
  const ofGraphQL = parse('{ b }') as TypedQueryDocumentNode<{ b: string }, { c: 1 }>;
  client.query<{ b: string }, { c: 1 }>(ofGraphQL, { c: 1 });

  // @ts-expect-error another result
  client.query<{ b: number }, { id: string }>(node.MessageDocument, { id: '1' });
  // @ts-expect-error another result
  client.query<{ b: number }, { id: string }>(string.MessageDocument, { id: '1' });
  // @ts-expect-error another result
  client.query<{ b: number }, { id: string }>(tada.Message, { id: '1' });
  // @ts-expect-error another result
  client.query<{ b: number }, { c: 1 }>(ofGraphQL, { c: 1 });
  // @ts-expect-error other variables
  client.query<Message, { id: boolean }>(node.MessageDocument, { id: true });
});

test('functions around the client keep its types', async () => {
  function live<R, V>(document: Document<R, V>, ...rest: Rest<V, SubscribeOptions>) {
    return client.subscribe(document, ...rest);
  }
  async function load<R, V>(document: Document<R, V>, ...[variables]: Rest<V, RequestOptions>) {
    const rest = [variables, { operationName: 'Q' }] as Rest<V, RequestOptions>;
    return client.query(document, ...rest);
  }

  expectTypeOf(live(node.MessageAddedDocument, { room: 'a' })).toEqualTypeOf<
    Subscription<MessageAdded>
  >();
  expectTypeOf(live(tada.Tick)).toEqualTypeOf<Subscription<{ tick: number }>>();
  expectTypeOf(await load(string.MessageDocument, { id: '1' })).toEqualTypeOf<Message>();
  expectTypeOf(await load(hashOnlyNode.RoomsDocument)).toEqualTypeOf<Rooms>();

  // @ts-expect-error the variables are missing
  live(node.MessageAddedDocument);
  // @ts-expect-error there is no such variable
  live(string.MessageAddedDocument, { room: 'a', id: '1' });
  // @ts-expect-error a variable has another type
  load(tada.Message, { id: true });
});

test('options come after the variables', () => {
  const { signal } = new AbortController();
  client.query(node.MessageDocument, { id: '1' }, { signal, operationName: 'Message' });
  client.query(node.RoomsDocument, {}, { extensions: { trace: '1' } });
  client.query(node.RoomsDocument, undefined, { signal });
  client.query('{ a }', undefined, { signal });
  client.mutate(tada.LogOut, {}, { signal });
  client.subscribe(tada.Tick, undefined, {
    signal,
    bufferLimit: 1,
    onContinuity: (continuity) => {
      expectTypeOf(continuity).toEqualTypeOf<Continuity>();
      if (continuity.state === 'gap') {
        expectTypeOf(continuity.reason).toEqualTypeOf<GapReason>();
        expectTypeOf(continuity.dropped).toEqualTypeOf<number | undefined>();
      } else {
        expectTypeOf(continuity.reason).toEqualTypeOf<'subscribed'>();
        // @ts-expect-error nothing is missing
        continuity.dropped;
      }
    },
  });

  // @ts-expect-error options in the place of variables
  client.query(node.MessageDocument, { signal });
  // @ts-expect-error options in the place of variables
  client.query(node.RoomsDocument, { signal });
  // @ts-expect-error there is no such option
  client.query(node.RoomsDocument, {}, { timeoutMs: 1 });
  // @ts-expect-error only subscriptions have a buffer
  client.query(node.RoomsDocument, {}, { bufferLimit: 1 });
  // @ts-expect-error only subscriptions have continuity
  client.mutate(node.LogOutDocument, {}, { onContinuity: () => {} });
  // @ts-expect-error it is a number
  client.subscribe(node.TickDocument, {}, { bufferLimit: 'all' });
  // @ts-expect-error nothing comes after the options
  client.query(node.RoomsDocument, {}, {}, {});
});

test('a request gives its result as it came, too', async () => {
  const result = await client.execute(node.MessageDocument, { id: '1' });
  expectTypeOf(result).toEqualTypeOf<Result<Message>>();
  expectTypeOf(result.data).toEqualTypeOf<Message | null | undefined>();
  expectTypeOf(result.errors).toEqualTypeOf<readonly FormattedError[] | undefined>();
  expectTypeOf(await client.execute(string.RoomsDocument)).toEqualTypeOf<Result<Rooms>>();

  // @ts-expect-error the variables are missing
  client.execute(node.MessageDocument);
});

test('a subscription is a stream of data and of results', async () => {
  await using subscription = client.subscribe(node.MessageAddedDocument, { room: 'a' });

  const elements = await elementsOf(subscription);
  expectTypeOf(elements?.element).toEqualTypeOf<MessageAdded | undefined>();
  expectTypeOf(elements?.result).toEqualTypeOf<Result<MessageAdded> | undefined>();
  for await (const { messageAdded } of subscription) {
    expectTypeOf(messageAdded.author.mood).toEqualTypeOf<Mood | null>();
    // @ts-expect-error there is no such field
    messageAdded.room;
  }
  for await (const { data, errors } of client.subscribe(tada.Tick).results()) {
    expectTypeOf(data).toEqualTypeOf<{ tick: number } | null | undefined>();
    expectTypeOf(errors?.[0]?.message).toEqualTypeOf<string | undefined>();
  }
  expectTypeOf(subscription.ready).toEqualTypeOf<Promise<void>>();
  expectTypeOf(subscription.unsubscribe()).toEqualTypeOf<void>();

  // @ts-expect-error it is not there before it is waited for
  for (const _element of subscription);
});

test('an observer is called with data or results', () => {
  const { unsubscribe } = client.subscribe(string.MessageAddedDocument, { room: 'a' }).subscribe({
    next: (value) => expectTypeOf(value).toEqualTypeOf<MessageAdded>(),
    error: (error) => expectTypeOf(error).toEqualTypeOf<ClientError>(),
    complete: () => {},
  });
  expectTypeOf(unsubscribe).toEqualTypeOf<() => void>();
  client.subscribe(tada.Tick).subscribe({});
  client
    .subscribe(tada.Tick)
    .results()
    .subscribe({
      next: (value) => expectTypeOf(value).toEqualTypeOf<Result<{ tick: number }>>(),
    });

  // @ts-expect-error an observer of something else
  client.subscribe(tada.Tick).subscribe({ next: (_value: { tick: string }) => {} });
  // @ts-expect-error there is no such callback
  client.subscribe(tada.Tick).subscribe({ closed: () => {} });
});

test('a status is told apart by its name', () => {
  const stop = client.on('status', (status) => {
    expectTypeOf(status).toEqualTypeOf<ClientStatus>();
    switch (status.name) {
      case 'idle':
        return;
      case 'connecting':
        expectTypeOf(status.attempt).toEqualTypeOf<number>();
        return;
      case 'open':
        expectTypeOf(status.ack?.['user']).toEqualTypeOf<unknown>();
        // @ts-expect-error nothing is waited for
        status.retryInMs;
        return;
      case 'waiting':
      case 'offline':
        expectTypeOf(status.retryInMs).toEqualTypeOf<number>();
        expectTypeOf(status.error).toEqualTypeOf<ClientError>();
        return;
      case 'closed':
        expectTypeOf(status.error).toEqualTypeOf<ClientError>();
        return;
      default:
        return status satisfies never;
    }
  });
  expectTypeOf(stop).toEqualTypeOf<() => void>();
  expectTypeOf(client.status).toEqualTypeOf<ClientStatus>();

  // @ts-expect-error there is no such event
  client.on('connected', () => {});
  // @ts-expect-error it is only read
  client.status = { name: 'idle' };
});

test('errors have a code of a known set', () => {
  expectTypeOf<ClientError['code']>().toEqualTypeOf<ClientErrorCode>();
  expectTypeOf<ClientErrorCode>().toEqualTypeOf<
    | 'GRAPHQL_RESPONSE'
    | 'CONNECTION_LOST'
    | 'NOT_CONNECTED'
    | 'UNAUTHORIZED'
    | 'REFUSED'
    | 'CLIENT_CLOSED'
    | 'ABORTED'
    | 'NO_RESULT'
    | 'DOCUMENT_INVALID'
    | 'VARIABLES_INVALID'
    | 'CONSUMED'
    | 'OPTION_INVALID'
  >();
  const caught: unknown = new Error('caught');
  if (caught instanceof GraphQLResponseError) {
    expectTypeOf(caught).toExtend<ClientError>();
    expectTypeOf(caught.errors).toEqualTypeOf<readonly FormattedError[]>();
  } else if (caught instanceof ClientError) {
    expectTypeOf(caught.closeCode).toEqualTypeOf<number | undefined>();
    expectTypeOf(caught.retryable).toEqualTypeOf<boolean>();
    // @ts-expect-error there is no such code
    if (caught.code === 'TIMEOUT') return;
  }

  // @ts-expect-error there is no such code
  new ClientError('TIMEOUT', 'Too late');
});

test('the options of a client are checked', () => {
  expectTypeOf(createClient({ url: '/graphql' })).toEqualTypeOf<Client>();
  createClient({ url: new URL('ws://127.0.0.1'), params: { token: 'a' }, webSocket: WebSocket });
  createClient({
    url: async () => 'ws://127.0.0.1',
    params: async ({ attempt, error }) => {
      expectTypeOf(attempt).toEqualTypeOf<number>();
      expectTypeOf(error).toEqualTypeOf<ClientError | undefined>();
      return { token: 'a' };
    },
    keepAlive: false,
  });
  createClient({ url: '', print: printDocument, keepAlive: { intervalMs: 1 } });
  createClient({ url: '', print });

  // @ts-expect-error the address is missing
  createClient({});
  // @ts-expect-error there is no such option
  createClient({ url: '', lazy: false });
  // @ts-expect-error params are an object
  createClient({ url: '', params: 'token' });
  // @ts-expect-error a printer gives text
  createClient({ url: '', print: () => 1 });
  // @ts-expect-error params are an object, also from a function
  createClient({ url: '', params: () => 'token' });
  // @ts-expect-error options are not written to
  (({ url: '' }) as ClientOptions).url = 'ws://127.0.0.1';
});
