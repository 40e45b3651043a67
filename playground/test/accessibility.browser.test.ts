import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlayground } from '../src/server/create-playground.ts';
import { ChatPage, PageStage } from './page-stage.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** GraphiQL's tabs hold buttons inside of what can be chosen: its own, and not ours to mend. */
const GRAPHIQL_TABS = '.graphiql-tab';

let stage: PageStage;
let app: FastifyInstance;
let url: string;

beforeAll(async () => {
  app = await createPlayground();
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  stage = await PageStage.launch();
});

afterAll(async () => {
  await stage?.close();
  await app?.close();
});

/** The serious faults that axe finds, as `rule: where`. */
async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations }: AxeResults = await page.evaluate(
    `axe.run({ exclude: ['${GRAPHIQL_TABS}'] })`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`));
}

/** Waits for what a view shows at last. */
const views = {
  chat: async (page: Page, theme: string) => {
    const chat = new ChatPage(page);
    await chat.live();
    await chat.say(`It is ${theme} here`);
    await chat.press('Cut my connection');
    await chat.shows('Gap: the connection was lost');
  },
  graphiql: (page: Page) => page.locator('.graphiql-query-editor .view-lines').waitFor(),
  live: (page: Page) => page.getByRole('heading', { name: 'The server, live' }).waitFor(),
};

test.each([
  ['chat', 'light'],
  ['chat', 'dark'],
  ['graphiql', 'light'],
  ['graphiql', 'dark'],
  ['live', 'light'],
  ['live', 'dark'],
] as const)('axe finds no serious fault in the view %s, %s', async (view, theme) => {
  const page = await stage.open(`${url}/#/${view}`, 'Alice', theme);
  await views[view](page, theme);

  expect(await seriousFaults(page)).toEqual([]);
  await stage.clear();
});

test('axe finds no serious fault in a chat that is refused', async () => {
  const page = await stage.open(url, 'x'.repeat(41));
  await page.getByText('Refused: ').waitFor();

  expect(await seriousFaults(page)).toEqual([]);
  await stage.clear();
});
