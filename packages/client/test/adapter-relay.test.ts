import { once } from 'node:events';
import { ClientError } from '@groupcast/client';
import { toGraphqlWsClient } from '@groupcast/client/graphql-ws';
import {
  type ConcreteRequest,
  commitMutation,
  Environment,
  fetchQuery,
  type GraphQLResponse,
  Network,
  type NormalizationLinkedField,
  type NormalizationScalarField,
  Observable,
  RecordSource,
  type RequestParameters,
  requestSubscription,
  Store,
  type Variables,
} from 'relay-runtime';
import { expect, test } from 'vitest';
import { CallLog } from './support/call-log.ts';
import { type Chat, startChat } from './support/start-chat.ts';

type Kind = RequestParameters['operationKind'];
type Selections = readonly (NormalizationScalarField | NormalizationLinkedField)[];

/** A chat, and a Relay environment whose network goes over our client. */
async function relayChat(): Promise<Chat & { readonly environment: Environment }> {
  const chat = await startChat();
  const adapted = toGraphqlWsClient(chat.client);
  // As Relay's own guide has it for graphql-ws.
  const execute = (operation: RequestParameters, variables: Variables) =>
    Observable.create<GraphQLResponse>((sink) =>
      adapted.subscribe(
        {
          operationName: operation.name,
          query: operation.text,
          variables,
          operationKind: operation.operationKind,
          ...(operation.id && {
            extensions: { persistedQuery: { version: 1, sha256Hash: operation.id } },
          }),
        },
        { ...sink, next: (result) => sink.next(result as GraphQLResponse) },
      ),
    );
  const environment = new Environment({
    network: Network.create(execute, execute),
    store: new Store(new RecordSource()),
  });
  return Object.assign(chat, { environment });
}

/** What Relay's compiler would make of an operation; without a text it is a persisted one. */
function compiled(
  kind: Kind,
  text: string | { id: string },
  ...fields: Selections
): ConcreteRequest {
  const type = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  const common = { name: 'Op', operationKind: kind, metadata: {} };
  const params: RequestParameters =
    typeof text === 'string'
      ? { ...common, cacheID: text, id: null, text }
      : { ...common, id: text.id, text: null };
  return {
    kind: 'Request',
    params,
    operation: { kind: 'Operation', name: 'Op', argumentDefinitions: [], selections: fields },
    fragment: {
      kind: 'Fragment',
      name: 'Op',
      type,
      abstractKey: null,
      argumentDefinitions: [],
      metadata: null,
      selections: fields,
    } as ConcreteRequest['fragment'],
  };
}

function scalar(name: string): NormalizationScalarField {
  return { kind: 'ScalarField', alias: null, name, args: null, storageKey: null };
}

function onMessage(room: string, document?: { id: string }): ConcreteRequest {
  const text = `subscription Op { onMessage(room: "${room}") { text } }`;
  return compiled('subscription', document ?? text, {
    kind: 'LinkedField',
    alias: null,
    name: 'onMessage',
    args: null,
    storageKey: null,
    concreteType: 'Message',
    plural: false,
    selections: [scalar('text')],
  });
}

/** A log of what Relay tells a subscriber. */
function hear({ environment }: { readonly environment: Environment }, subscription: unknown) {
  const log = new CallLog();
  const { dispose } = requestSubscription(environment, {
    subscription: subscription as never,
    variables: {},
    onNext: log.sink.next,
    onError: log.sink.error,
    onCompleted: log.sink.complete,
  });
  return { log, dispose };
}

const next = (text: string) => ['next', { onMessage: { text } }];
const hello = compiled('query', 'query Op { hello }', scalar('hello'));
const sent = compiled('query', 'query Op { sent }', scalar('sent'));

function mutate(environment: Environment, mutation: ConcreteRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    commitMutation(environment, {
      mutation: mutation as never,
      variables: {},
      onCompleted: resolve,
      onError: reject,
    });
  });
}

test('Relay fetches queries and commits mutations', async () => {
  const { environment } = await relayChat();

  const query = fetchQuery(environment, hello as never, {}).toPromise();
  expect(await query).toEqual({ hello: 'world' });
  const send = compiled('mutation', 'mutation Op { send }', scalar('send'));
  expect(await mutate(environment, send)).toEqual({ send: 1 });
});

test('Relay hears a subscription, also after its connection was cut', async () => {
  const chat = await relayChat();
  const { log } = hear(chat, onMessage('kittens'));
  expect(await log.take()).toEqual(next('Welcome to the kittens'));

  chat.cut();

  expect(await log.take()).toEqual(next('Welcome to the kittens'));
  await chat.say('kittens', 'purr');
  expect(await log.take()).toEqual(next('purr'));
});

test('a persisted subscription of Relay comes back, since its kind is told', async () => {
  const chat = await relayChat();
  const { log } = hear(chat, onMessage('kittens', { id: 'kittens' }));
  expect(await log.take()).toEqual(next('Welcome to the kittens'));

  chat.cut();

  expect(await log.take()).toEqual(next('Welcome to the kittens'));
});

test.each(['mutation Op { sendSlowly }', { id: 'sendSlowly' }])(
  'the mutation %o of Relay whose connection was cut runs once, and fails',
  async (text) => {
    const chat = await relayChat();
    const sending = once(chat.events, 'sending');
    const mutation = mutate(chat.environment, compiled('mutation', text, scalar('sendSlowly')));
    mutation.catch(() => {});
    await sending;

    chat.cut();

    await expect(mutation).rejects.toThrow(ClientError);
    await expect(mutation).rejects.toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
    const query = fetchQuery(chat.environment, sent as never, {}).toPromise();
    expect(await query).toEqual({ sent: 1 });
  },
);

test('errors of the server reach Relay as an array, and nothing follows', async () => {
  const chat = await relayChat();

  const { log } = hear(chat, onMessage('cellar'));

  const errors = [expect.objectContaining({ message: 'The cellar is locked' })];
  expect(await log.take()).toEqual(['error', errors]);
  await chat.client.query('{ hello }');
  expect(log.rest).toEqual([]);
});

test('disposing of a subscription of Relay ends it on the server', async () => {
  const chat = await relayChat();
  const { log, dispose } = hear(chat, onMessage('kittens'));
  await log.take();
  const left = once(chat.events, 'left');

  dispose();

  await left;
  expect(log.rest).toEqual([]);
});
