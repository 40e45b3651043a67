import { readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import Fastify from 'fastify';
import { parse, print } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, type ClientOptions, createClient } from '../src/index.ts';
import { printDocument } from '../src/print.ts';
import * as hashNode from './documents/generated/hash-only-node/graphql.ts';
import * as hashString from './documents/generated/hash-only-string/graphql.ts';
import * as node from './documents/generated/node/graphql.ts';
import * as persistedNode from './documents/generated/persisted-node/graphql.ts';
import * as persistedString from './documents/generated/persisted-string/graphql.ts';
import * as string from './documents/generated/string/graphql.ts';
import * as tada from './documents/tada.ts';

const read = (name: string): string =>
  readFileSync(new URL(`./documents/${name}`, import.meta.url), 'utf8');

/** The documents that the server knows by their hashes. */
const known: Readonly<Record<string, string>> = {
  ...JSON.parse(read('generated/persisted-node/persisted-documents.json')),
  ...JSON.parse(read('generated/persisted-string/persisted-documents.json')),
  'hash-of-message': print(tada.Message),
  'hash-of-message-added': print(tada.MessageAdded),
};

const author = { id: 'u1', name: 'Ann', mood: 'HAPPY' };

const resolvers = {
  Query: {
    rooms: () => [{ id: 'r1', members: [author] }],
    message: (_root: unknown, { id }: { id: string }) => ({ id, text: 'Hi', author }),
  },
  Mutation: {
    sendMessage: (_root: unknown, { input }: { input: { text: string } }) => ({
      id: 'm1',
      text: input.text,
      author,
    }),
  },
};

/** A server of the schema that the documents are made for, and a client of it. */
async function startClient(options: Partial<ClientOptions> = { print: printDocument }) {
  const queries: string[] = [];
  const messageAdded = defineSubscription({
    subscribe: (_root, { room }: { room: string }) => room,
    publish: (message: object) => message,
  });
  const app = Fastify();
  await app.register(groupcast, {
    schema: makeExecutableSchema({
      typeDefs: read('schema.graphql'),
      resolvers: { ...resolvers, Subscription: { messageAdded } },
    }),
    drainMs: 0,
    onOperation({ query, extensions }) {
      queries.push(query);
      const persisted = Object(extensions?.['persistedQuery']);
      const text = query === '' ? known[String(persisted.sha256Hash)] : undefined;
      return text === undefined ? undefined : { query: text };
    },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = createClient({ url: `${url}/graphql`, webSocket: WebSocket, ...options });
  onTestFinished(async () => {
    await client.close();
    await app.close();
  });
  const say = (room: string): Promise<unknown> =>
    app.broadcast(messageAdded, { group: room, payload: { id: 'm2', text: 'Hello', author } });
  return { client, queries, say };
}

const forms = [
  ['text objects of codegen', string],
  ['parsed documents of codegen', node],
  ['persisted text of codegen', persistedString],
  ['persisted documents of codegen', persistedNode],
  ['hashes alone, for text', hashString],
  ['hashes alone, for documents', hashNode],
] as const;

/** The same three operations in each form; their results are typed by it. */
async function runAll(
  client: Client,
  say: (room: string) => Promise<unknown>,
  documents: (typeof forms)[number][1],
): Promise<readonly unknown[]> {
  // The forms differ in their types, and no call can be made with any of several; the type tests
  // look at each.
  const { MessageDocument, SendMessageDocument, MessageAddedDocument } =
    documents as unknown as typeof node;
  const { message } = await client.query(MessageDocument, { id: '7' });
  const { sendMessage } = await client.mutate(SendMessageDocument, {
    input: { room: 'r', text: 'Hi' },
  });
  const subscription = client.subscribe(MessageAddedDocument, { room: 'r' });
  await subscription.ready;
  await say('r');
  for await (const { messageAdded } of subscription) return [message, sendMessage, messageAdded];
  return [];
}

const results = [{ text: 'Hi', author }, { id: 'm1' }, { id: 'm2', text: 'Hello', author }];

test.each(forms)('%s are understood by the server', async (_form, documents) => {
  const { client, say } = await startClient();

  expect(await runAll(client, say, documents)).toEqual(results);
});

test('documents of gql.tada are understood, persisted ones too', async () => {
  const { client, queries, say } = await startClient();

  const { message } = await client.query(tada.Message, { id: '7' });
  expect(message).toEqual(results[0]);
  expect(await client.query(tada.PersistedMessage, { id: '7' })).toEqual({ message });

  for (const document of [tada.MessageAdded, tada.PersistedMessageAdded]) {
    const subscription = client.subscribe(document, { room: 'r' });
    await subscription.ready;
    await say('r');
    for await (const { messageAdded } of subscription) {
      expect(messageAdded).toEqual(results[2]);
      break;
    }
  }
  expect(queries.map((query) => query === '')).toEqual([false, true, false, true]);
});

test("graphql-js's own printer does as well", async () => {
  const { client } = await startClient({ print });

  expect(await client.query(parse('{ rooms { id } }'))).toEqual({ rooms: [{ id: 'r1' }] });
});

test('a parsed document without a printer is refused with what to do', async () => {
  const { client, queries } = await startClient({});

  await expect(client.query(parse('{ rooms { id } }'))).rejects.toMatchObject({
    code: 'DOCUMENT_INVALID',
    message: expect.stringContaining('`print`'),
  });
  expect(() => client.subscribe(tada.MessageAdded, { room: 'r' })).toThrow('`print`');
  expect(queries).toEqual([]);
});

test('extensions of the app go along with a hash', async () => {
  const { client } = await startClient();

  const answer = client.query(tada.PersistedMessage, { id: '7' }, { extensions: { trace: 'abc' } });

  expect(await answer).toMatchObject({ message: { text: 'Hi' } });
});
