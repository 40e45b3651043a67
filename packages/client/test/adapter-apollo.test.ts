import { once } from 'node:events';
import { ApolloClient, CombinedGraphQLErrors, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { ClientError } from '@groupcast/client';
import { toGraphqlWsClient } from '@groupcast/client/graphql-ws';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { CallLog } from './support/call-log.ts';
import { type Chat, startChat } from './support/start-chat.ts';

const HELLO = gql`{ hello }`;
const SENT = gql`{ sent }`;
const SEND = gql`mutation { send }`;
const SEND_SLOWLY = gql`mutation { sendSlowly }`;
const ON_MESSAGE = gql`subscription ($room: String!) { onMessage(room: $room) { text } }`;

// GraphQLWsLink reads the global, which Node 20 has not, whenever it is given an array of errors.
beforeEach(() => {
  vi.stubGlobal('WebSocket', WebSocket);
  return () => vi.unstubAllGlobals();
});

/** A chat, and an Apollo client whose only link goes over our client. */
async function apolloChat(): Promise<Chat & { readonly apollo: ApolloClient }> {
  const chat = await startChat();
  const apollo = new ApolloClient({
    link: new GraphQLWsLink(toGraphqlWsClient(chat.client)),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'no-cache' } },
  });
  onTestFinished(() => apollo.stop());
  return Object.assign(chat, { apollo });
}

/** A log of what Apollo hands to a subscriber of a room, who was welcomed already. */
async function hear({ apollo }: { readonly apollo: ApolloClient }, room: string) {
  const log = new CallLog();
  const subscription = apollo
    .subscribe({ query: ON_MESSAGE, variables: { room } })
    .subscribe(log.sink);
  expect(await log.take()).toEqual(next(`Welcome to the ${room}`));
  return { log, subscription };
}

function next(text: string) {
  return ['next', { data: { onMessage: { __typename: 'Message', text } } }];
}

test('Apollo executes queries and mutations over GraphQLWsLink', async () => {
  const { apollo } = await apolloChat();

  expect(await apollo.query({ query: HELLO })).toEqual({ data: { hello: 'world' } });
  expect(await apollo.mutate({ mutation: SEND })).toEqual({ data: { send: 1 } });
});

test('Apollo hears a subscription, also after its connection was cut', async () => {
  const chat = await apolloChat();
  const { log } = await hear(chat, 'kittens');
  await chat.say('kittens', 'meow');
  expect(await log.take()).toEqual(next('meow'));

  chat.cut();

  expect(await log.take()).toEqual(next('Welcome to the kittens'));
  await chat.say('kittens', 'purr');
  expect(await log.take()).toEqual(next('purr'));
});

test('a mutation of Apollo whose connection was cut runs once, and rejects', async () => {
  const chat = await apolloChat();
  const sending = once(chat.events, 'sending');
  const mutation = chat.apollo.mutate({ mutation: SEND_SLOWLY });
  mutation.catch(() => {});
  await sending;

  chat.cut();

  await expect(mutation).rejects.toThrow(ClientError);
  await expect(mutation).rejects.toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
  expect(await chat.apollo.query({ query: SENT })).toEqual({ data: { sent: 1 } });
});

test('errors of the server become CombinedGraphQLErrors, alone or beside data', async () => {
  const { apollo } = await apolloChat();

  const invalid = apollo.query({ query: gql`{ nothing }` });
  await expect(invalid).rejects.toThrow(CombinedGraphQLErrors);
  await expect(invalid).rejects.toThrow('Cannot query field "nothing"');
  const partial = apollo.query({ query: gql`{ hello fail }`, errorPolicy: 'all' });
  expect(await partial).toEqual({
    data: { hello: 'world', fail: null },
    error: expect.any(CombinedGraphQLErrors),
  });
});

test('a refused subscription ends with CombinedGraphQLErrors', async () => {
  const { apollo } = await apolloChat();
  const log = new CallLog();

  apollo.subscribe({ query: ON_MESSAGE, variables: { room: 'cellar' } }).subscribe(log.sink);

  const error = expect.any(CombinedGraphQLErrors);
  expect(await log.take()).toEqual(['next', { data: undefined, error }]);
  expect(await log.take()).toEqual(['complete']);
});

test('the error of one event leaves the subscription alive', async () => {
  const chat = await apolloChat();
  const { log } = await hear(chat, 'kittens');

  await chat.say('kittens', 'bark');
  await chat.say('kittens', 'meow');

  const error = expect.objectContaining({ message: 'No dogs' });
  expect(await log.take()).toEqual(['next', { data: undefined, error }]);
  expect(await log.take()).toEqual(next('meow'));
});

test('unsubscribing from Apollo ends the subscription on the server', async () => {
  const chat = await apolloChat();
  const { log, subscription } = await hear(chat, 'kittens');
  const left = once(chat.events, 'left');

  subscription.unsubscribe();

  await left;
  expect(log.rest).toEqual([]);
});
