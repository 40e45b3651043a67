import groupcast, { type SharingExplanation } from '@groupcast/fastify';
import Fastify from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { codeBlocks } from './support/code-blocks.ts';
import { extractModules } from './support/extracted-modules.ts';

const GUIDE = 'docs/subscriptions.md';

const { modules, remove } = extractModules();
afterAll(remove);
const guide = modules.filter(({ block }) => block.document === GUIDE);

test('the guide shows what explainSharing() says of its example', async () => {
  const example = guide.find(({ block }) => block.fileName === 'explain.ts');
  const shown = codeBlocks(GUIDE).find(({ language }) => language === 'json');

  const { explanation }: { explanation: SharingExplanation } = await import(example?.file ?? '');

  expect(explanation).toEqual(JSON.parse(shown?.text ?? ''));
});

const schemas = guide.filter(({ block }) => block.text.includes('export const schema'));

test('the guide makes a schema in three ways', () => {
  expect(schemas).toHaveLength(3);
});

test.each(schemas.map(({ block, file }): [string, string] => [`line ${block.line}`, file]))(
  "results are shared with the guide's schema of %s",
  async (_line, file) => {
    const { schema }: { schema: GraphQLSchema } = await import(file);
    const app = Fastify();
    onTestFinished(() => app.close());
    await app.register(groupcast, { schema });

    const { shared, why } = app.graphqlWs.explainSharing(
      'subscription { onMessage(room: "kittens") { text } }',
    );

    expect({ shared, why }).toEqual({ shared: 'proven', why: expect.any(String) });
  },
);
