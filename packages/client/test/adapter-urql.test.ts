import { once } from 'node:events';
import { toGraphqlWsClient } from '@groupcast/client/graphql-ws';
import {
  CombinedError,
  createRequest,
  gql,
  subscriptionExchange,
  Client as UrqlClient,
} from '@urql/core';
import { expect, test } from 'vitest';
import { onEnd, pipe, subscribe, toAsyncIterable, toPromise } from 'wonka';
import { CallLog } from './support/call-log.ts';
import { type Chat, startChat } from './support/start-chat.ts';

const ON_MESSAGE = gql`subscription ($room: String!) { onMessage(room: $room) { text } }`;

/** A chat, and an urql client that sends all its operations over our client. */
async function urqlChat(): Promise<Chat & { readonly urql: UrqlClient }> {
  const chat = await startChat();
  const adapted = toGraphqlWsClient(chat.client);
  const urql = new UrqlClient({
    url: 'http://127.0.0.1:1/unused',
    preferGetMethod: false,
    exchanges: [
      subscriptionExchange({
        enableAllOperations: true,
        forwardSubscription: (request, { kind }) => ({
          subscribe: (sink) => ({
            unsubscribe: adapted.subscribe(
              { ...request, operationKind: kind === 'teardown' ? undefined : kind },
              sink,
            ),
          }),
        }),
      }),
    ],
  });
  return Object.assign(chat, { urql });
}

/** A log of what urql hands to a subscriber of a room. */
function hear({ urql }: { readonly urql: UrqlClient }, room: string) {
  const log = new CallLog();
  const { unsubscribe } = pipe(
    urql.subscription(ON_MESSAGE, { room }),
    onEnd(() => log.note('end')),
    subscribe(({ data, error }) => log.note('result', data?.onMessage?.text ?? error)),
  );
  return { log, unsubscribe };
}

test('urql executes queries and mutations over subscriptionExchange', async () => {
  const { urql } = await urqlChat();

  expect(await urql.query('{ hello }', {})).toMatchObject({ data: { hello: 'world' } });
  expect(await urql.mutation('mutation { send }', {})).toMatchObject({ data: { send: 1 } });
});

test('urql hears a subscription, also after its connection was cut', async () => {
  const chat = await urqlChat();
  const { log } = hear(chat, 'kittens');
  expect(await log.take()).toEqual(['result', 'Welcome to the kittens']);

  chat.cut();

  expect(await log.take()).toEqual(['result', 'Welcome to the kittens']);
  await chat.say('kittens', 'purr');
  expect(await log.take()).toEqual(['result', 'purr']);
});

test('leaving a loop over a subscription of urql ends it on the server', async () => {
  const chat = await urqlChat();
  const left = once(chat.events, 'left');

  for await (const { data } of toAsyncIterable(
    chat.urql.subscription(ON_MESSAGE, { room: 'kittens' }),
  )) {
    if (data?.onMessage.text === 'meow') break;
    await chat.say('kittens', 'meow');
  }

  await left;
});

test('a mutation of urql whose connection was cut runs once, and has a network error', async () => {
  const chat = await urqlChat();
  const sending = once(chat.events, 'sending');
  const mutation = chat.urql.mutation('mutation { sendSlowly }', {}).toPromise();
  await sending;

  chat.cut();

  const { error } = await mutation;
  expect(error).toBeInstanceOf(CombinedError);
  expect(error?.networkError).toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
  expect(await chat.urql.query('{ sent }', {})).toMatchObject({ data: { sent: 1 } });
});

test('errors of the server become GraphQL errors of urql, alone or beside data', async () => {
  const { urql } = await urqlChat();

  const invalid = await urql.query('{ nothing }', {});
  expect(invalid.error?.graphQLErrors[0]?.message).toContain('Cannot query field "nothing"');
  expect(invalid.error?.networkError).toBeUndefined();
  const partial = await urql.query('{ hello fail }', {});
  expect(partial.data).toEqual({ hello: 'world', fail: null });
  expect(partial.error?.graphQLErrors[0]?.message).toBe('This field always fails');
});

test('a refused subscription of urql gives its errors, once', async () => {
  const chat = await urqlChat();

  const { log } = hear(chat, 'cellar');

  const error = expect.objectContaining({ message: '[GraphQL] The cellar is locked' });
  expect(await log.take()).toEqual(['result', error]);
  await chat.client.query('{ hello }');
  expect(log.rest).toEqual([]);
});

test('unsubscribing from urql ends the subscription on the server, and another can begin', async () => {
  const chat = await urqlChat();
  const first = hear(chat, 'kittens');
  await first.log.take();
  const left = once(chat.events, 'left');

  first.unsubscribe();

  await left;
  const second = hear(chat, 'kittens');
  expect(await second.log.take()).toEqual(['result', 'Welcome to the kittens']);
});

test('a persisted mutation of urql, which has no text, runs once', async () => {
  const chat = await urqlChat();
  const sending = once(chat.events, 'sending');
  const extensions = { persistedQuery: { version: 1, sha256Hash: 'sendSlowly' } } as const;
  const mutation = toPromise(
    chat.urql.executeMutation(createRequest('mutation { sendSlowly }', {}, extensions)),
  );
  await sending;

  chat.cut();

  expect((await mutation).error?.networkError).toMatchObject({ code: 'CONNECTION_LOST' });
  expect(await chat.urql.query('{ sent }', {})).toMatchObject({ data: { sent: 1 } });
});
