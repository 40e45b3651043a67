import groupcast, { type DiagnosticsMessages } from '@groupcast/fastify';
import Fastify from 'fastify';
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { readText } from './support/documents.ts';

const text = readText('docs/observability.md');

/** What stands in backticks in the first column of the tables. */
const rows = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);

test('each figure of stats() has a row in docs/observability.md, and no other has', async () => {
  const app = Fastify();
  await app.register(groupcast, { schema: buildSchema('type Query { hello: String }') });
  const figures = Object.keys(app.graphqlWs.stats());
  await app.close();

  const documented = rows.filter((name) => /^[a-zA-Z]+$/.test(name ?? ''));
  expect(documented.toSorted()).toEqual(figures.toSorted());
});

test('each diagnostics channel has a row', () => {
  const channels: Record<keyof DiagnosticsMessages, true> = {
    'groupcast:connection:open': true,
    'groupcast:connection:close': true,
    'groupcast:broadcast': true,
    'groupcast:delivery': true,
    'groupcast:health': true,
  };

  expect(rows.filter((name) => name?.includes(':'))).toEqual(Object.keys(channels));
});
