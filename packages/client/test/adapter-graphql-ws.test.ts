import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { ClientError, GraphQLResponseError } from '@groupcast/client';
import { type GraphqlWsClient, toGraphqlWsClient } from '@groupcast/client/graphql-ws';
import type { SubscriptionForwarder, subscriptionExchange } from '@urql/core';
import type { Client as RealClient } from 'graphql-ws';
import { expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { CallLog } from './support/call-log.ts';
import { type Chat, startChat } from './support/start-chat.ts';

const onKittens = 'subscription { onMessage(room: "kittens") { text } }';
const message = (text: string) => ({ data: { onMessage: { text } } });
const persisted = (sha256Hash: string) => ({
  query: '',
  extensions: { persistedQuery: { version: 1, sha256Hash } },
});
const welcome = message('Welcome to the kittens');

/** A chat, and the client of it in graphql-ws's shape. */
async function adaptedChat(): Promise<Chat & { readonly adapted: GraphqlWsClient }> {
  const chat = await startChat();
  return Object.assign(chat, { adapted: toGraphqlWsClient(chat.client) });
}

test('the adapter fits where the client of graphql-ws fits', () => {
  expectTypeOf<GraphqlWsClient>().toExtend<RealClient>();
  expectTypeOf<GraphqlWsClient>().toExtend<ConstructorParameters<typeof GraphQLWsLink>[0]>();
  expectTypeOf(
    (adapted: GraphqlWsClient): SubscriptionForwarder =>
      (request) => ({
        subscribe: (sink) => ({ unsubscribe: adapted.subscribe(request, sink) }),
      }),
  ).returns.toExtend<Parameters<typeof subscriptionExchange>[0]['forwardSubscription']>();
});

test('a query and a mutation give one result each, and complete', async () => {
  const { adapted } = await adaptedChat();

  for (const [query, data] of [
    ['query ($no: Boolean = false) { hello sent @include(if: $no) }', { hello: 'world' }],
    ['mutation { send }', { send: 1 }],
  ] as const) {
    const log = new CallLog();
    adapted.subscribe({ query, variables: {} }, log.sink);
    expect(await log.take()).toEqual(['next', { data }]);
    expect(await log.take()).toEqual(['complete']);
  }
});

test('the operation is chosen by its name, also where one kind stands beside another', async () => {
  const chat = await adaptedChat();
  const query = `${onKittens.replace(' ', ' S ')} mutation M { sendSlowly }`;
  const log = new CallLog();

  chat.adapted.subscribe(
    { query, operationName: 'M', variables: null, extensions: null },
    log.sink,
  );
  await once(chat.events, 'sending');
  chat.cut();

  expect(await log.take()).toEqual(['error', expect.objectContaining({ code: 'CONNECTION_LOST' })]);
  expect(await chat.client.query('{ sent }')).toEqual({ sent: 1 });
});

test('a subscription comes back after its connection was cut', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();
  chat.adapted.subscribe({ query: onKittens }, log.sink);
  expect(await log.take()).toEqual(['next', welcome]);

  chat.cut();
  expect(await log.take()).toEqual(['next', welcome]);
  await chat.say('kittens', 'meow');

  expect(await log.take()).toEqual(['next', message('meow')]);
});

test('a mutation whose connection was cut is not sent again', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();
  chat.adapted.subscribe({ query: 'mutation { sendSlowly }' }, log.sink);
  await once(chat.events, 'sending');

  chat.cut();

  const [name, error] = await log.take();
  expect(name).toBe('error');
  expect(error).toBeInstanceOf(ClientError);
  expect(error).toMatchObject({ code: 'CONNECTION_LOST', closeCode: 1006, retryable: true });
  expect(await chat.client.query('{ sent }')).toEqual({ sent: 1 });
  expect(log.rest).toEqual([]);
});

test('errors that are all of the answer reach error() as an array, and nothing follows', async () => {
  const chat = await adaptedChat();

  for (const [query, text] of [
    ['{ nothing }', 'Cannot query field'],
    ['mutation { nothing }', 'Cannot query field'],
    ['subscription { onMessage(room: "cellar") { text } }', 'The cellar is locked'],
    ['{ hello ', 'Syntax Error'],
  ] as const) {
    const log = new CallLog();
    chat.adapted.subscribe({ query }, log.sink);
    const errors = [expect.objectContaining({ message: expect.stringContaining(text) })];
    expect(await log.take()).toEqual(['error', errors]);
    await chat.client.query('{ hello }');
    expect(log.rest).toEqual([]);
  }
});

test('errors beside data, and those of one event, reach next()', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();
  const errors = (text: string) => [expect.objectContaining({ message: text })];

  chat.adapted.subscribe({ query: '{ hello fail }' }, log.sink);
  const data = { hello: 'world', fail: null };
  expect(await log.take()).toEqual(['next', { data, errors: errors('This field always fails') }]);
  expect(await log.take()).toEqual(['complete']);

  chat.adapted.subscribe({ query: onKittens }, log.sink);
  expect(await log.take()).toEqual(['next', welcome]);
  await chat.say('kittens', 'bark');
  await chat.say('kittens', 'meow');
  expect(await log.take()).toEqual([
    'next',
    { data: { onMessage: null }, errors: errors('No dogs') },
  ]);
  expect(await log.take()).toEqual(['next', message('meow')]);
});

test('the disposer ends the subscription on the server, and completes once', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();
  const dispose = chat.adapted.subscribe({ query: onKittens }, log.sink);
  await log.take();
  const left = once(chat.events, 'left');

  dispose();
  dispose();

  expect(log.rest).toEqual([]);
  expect(await log.take()).toEqual(['complete']);
  await left;
  await chat.say('kittens', 'meow');
  await chat.client.query('{ hello }');
  expect(log.rest).toEqual([]);
});

test('the disposer of a pending mutation completes without a result', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();
  const dispose = chat.adapted.subscribe({ query: 'mutation { sendSlowly }' }, log.sink);
  await once(chat.events, 'sending');

  dispose();

  expect(await log.take()).toEqual(['complete']);
  chat.release();
  await chat.client.query('{ hello }');
  expect(log.rest).toEqual([]);
});

test('a subscription that is disposed of at once is never sent', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();

  chat.adapted.subscribe({ query: onKittens }, log.sink)();

  expect(await log.take()).toEqual(['complete']);
  expect(chat.client.status).toEqual({ name: 'idle' });
});

test('disposing in next() lets nothing follow but complete()', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();
  const dispose = chat.adapted.subscribe(
    { query: onKittens },
    {
      ...log.sink,
      next(result) {
        log.sink.next(result);
        dispose();
      },
    },
  );

  expect(await log.take()).toEqual(['next', welcome]);
  expect(await log.take()).toEqual(['complete']);
});

test('when the client closes, subscriptions complete and a pending mutation fails', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();
  const mutation = new CallLog();
  chat.adapted.subscribe({ query: onKittens }, log.sink);
  await log.take();
  chat.adapted.subscribe({ query: 'mutation { sendSlowly }' }, mutation.sink);
  await once(chat.events, 'sending');

  await chat.adapted.dispose();

  expect(await log.take()).toEqual(['complete']);
  const closed = ['error', expect.objectContaining({ code: 'CLIENT_CLOSED' })];
  expect(await mutation.take()).toEqual(closed);
  chat.adapted.subscribe({ query: onKittens }, log.sink);
  expect(await log.take()).toEqual(closed);
});

test('a persisted subscription comes back when it is said to be one', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();
  chat.adapted.subscribe({ ...persisted('kittens'), operationKind: 'subscription' }, log.sink);
  expect(await log.take()).toEqual(['next', welcome]);

  chat.cut();

  expect(await log.take()).toEqual(['next', welcome]);
});

test('a persisted mutation that is said to be one is sent once', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();
  chat.adapted.subscribe({ ...persisted('sendSlowly'), operationKind: 'mutation' }, log.sink);
  await once(chat.events, 'sending');

  chat.cut();

  const lost = ['error', expect.objectContaining({ code: 'CONNECTION_LOST', retryable: true })];
  expect(await log.take()).toEqual(lost);
  expect(await chat.client.query('{ sent }')).toEqual({ sent: 1 });
});

test('a persisted operation that is not said to be of a kind is refused, and never sent', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();

  chat.adapted.subscribe(persisted('hello'), log.sink);

  const refused = { code: 'DOCUMENT_INVALID', message: expect.stringContaining('operationKind') };
  expect(await log.take()).toEqual(['error', expect.objectContaining(refused)]);
  expect(chat.client.status).toEqual({ name: 'idle' });
});

test('a listener that throws keeps the others from nothing', async () => {
  const chat = await adaptedChat();
  const reported = once(process, 'unhandledRejection');
  const others = process.listeners('unhandledRejection').slice(0, -1);
  for (const other of others) process.off('unhandledRejection', other);
  onTestFinished(() => {
    for (const other of others) process.on('unhandledRejection', other);
  });
  chat.adapted.on('opened', () => {
    throw new Error('A mistake of the app');
  });
  const connected = new Promise((resolve) => chat.adapted.on('connected', resolve));

  chat.adapted.subscribe({ query: '{ hello }' }, new CallLog().sink);

  await connected;
  expect(await reported).toContainEqual(new Error('A mistake of the app'));
});

test('iterate() begins with its first next(), and its end ends the subscription', async () => {
  const chat = await adaptedChat();
  const results = chat.adapted.iterate<{ onMessage: { text: string } }>({ query: onKittens });
  await turn();
  expect(chat.client.status).toEqual({ name: 'idle' });

  for await (const result of results) {
    expectTypeOf(result.data?.onMessage.text).toEqualTypeOf<string | undefined>();
    if (result.data?.onMessage.text === 'meow') break;
    expect(result).toEqual(welcome);
    await chat.say('kittens', 'meow');
  }

  await once(chat.events, 'left');
  expect(await results.next()).toEqual({ done: true, value: undefined });
});

test('return() ends an iteration that waits', async () => {
  const chat = await adaptedChat();
  for (const query of [onKittens, 'mutation { sendSlowly }']) {
    const results = chat.adapted.iterate({ query });
    const begun = once(chat.events, 'sending');
    if (query === onKittens) await results.next();
    const next = results.next();
    if (query !== onKittens) await begun;

    expect(await results.return?.()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
  }
});

test('iterate() gives the result of a query, and throws Errors', async () => {
  const chat = await adaptedChat();

  const { value } = await chat.adapted.iterate({ query: '{ hello }' }).next();
  expect(value).toEqual({ data: { hello: 'world' } });
  const failure = chat.adapted.iterate({ query: '{ nothing }' }).next();
  await expect(failure).rejects.toThrow(GraphQLResponseError);
});

test('events tell of the connection', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();
  for (const event of ['connecting', 'opened', 'connected', 'closed', 'error'] as const) {
    chat.adapted.on(event as 'closed', (...args: unknown[]) => log.note(event, ...args));
  }
  for (const event of ['ping', 'pong', 'message'] as const) chat.adapted.on(event, log.note);
  const connects = async (isRetry: boolean): Promise<void> => {
    expect(await log.take()).toEqual(['connecting', isRetry]);
    expect(await log.take()).toEqual(['opened', undefined]);
    expect(await log.take()).toEqual(['connected', undefined, { hello: 'client' }, isRetry]);
  };
  chat.adapted.subscribe({ query: onKittens }, new CallLog().sink);
  await connects(false);

  chat.cut();
  expect(await log.take()).toEqual(['closed', { code: 1006, reason: expect.any(String) }]);
  await connects(true);
  chat.adapted.terminate();
  expect(await log.take()).toEqual(['closed', { code: 1000, reason: '' }]);
  await connects(true);
  await chat.close(4406, 'No more');
  expect(await log.take()).toEqual(['error', expect.any(ClientError)]);
  expect(await log.take()).toEqual(['closed', { code: 4406, reason: 'No more' }]);
  chat.adapted.terminate();
  await connects(false);
  await chat.adapted.dispose();
  expect(await log.take()).toEqual(['closed', { code: 1000, reason: '' }]);
  expect(log.rest).toEqual([]);
});

test('a listener that was taken away hears nothing more', async () => {
  const chat = await adaptedChat();
  const log = new CallLog();

  chat.adapted.on('connecting', log.note)();
  await chat.client.query('{ hello }');

  expect(log.rest).toEqual([]);
});
