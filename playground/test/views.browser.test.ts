import type { FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPlayground } from '../src/server/create-playground.ts';
import { ChatPage, PageStage } from './page-stage.ts';

let stage: PageStage;
let app: FastifyInstance;
let url: string;

beforeAll(async () => {
  stage = await PageStage.launch();
});

afterAll(() => stage?.close());

beforeEach(async () => {
  app = await createPlayground({ countdownIntervalMs: 1 });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  const problems = await stage.clear();
  await app.close();
  expect(problems).toEqual([]);
});

/** Opens GraphiQL, and resolves when it knows the schema. */
async function openGraphiql(): Promise<Page> {
  const page = await stage.open(url, 'Alice');
  await page.getByRole('link', { name: 'GraphiQL' }).click();
  await page.locator('.graphiql-query-editor .view-lines').getByText('Listen').waitFor();
  // The last that is filled.
  await page.locator('.graphiql-editor-tool .view-lines').getByText('in GraphiQL').waitFor();
  return page;
}

/** Opens one of the examples, and resolves when it can be run. */
async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
  await page.locator('.graphiql-query-editor .view-lines').getByText(name).first().waitFor();
  // It reads the operation's name a moment after the text is there, and then keeps it.
  await page.waitForFunction((wanted) => {
    const { tabs, activeTabIndex } = JSON.parse(
      sessionStorage.getItem('graphiql:tabState') ?? '{}',
    );
    return tabs?.[activeTabIndex]?.operationName === wanted;
  }, name);
}

async function run(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Execute query/ }).click();
}

test('GraphiQL runs a subscription, which shows what is said in the chat', async () => {
  const page = await openGraphiql();
  const response = page.locator('.result-window');
  const bob = await ChatPage.open(stage, url, 'Bob');

  await run(page);
  await expect.poll(() => app.graphqlWs.stats().members, { timeout: 30_000 }).toBeGreaterThan(3);
  await app.graphqlWs.settled();
  await bob.say('Hello GraphiQL');

  await response.getByText('"Hello GraphiQL"').waitFor();
});

test('GraphiQL runs mutations and queries, under the name of the headers', async () => {
  const page = await openGraphiql();
  const response = page.locator('.result-window');

  await openTab(page, 'Say');
  await run(page);
  await response.getByText('sendMessage').waitFor();
  await openTab(page, 'Read');
  await run(page);

  await response.getByText('"Hello from GraphiQL"').waitFor();
  await response.getByText('"Alice in GraphiQL"').waitFor();
});

test('GraphiQL is loaded when it is opened, not before', async () => {
  const loaded: string[] = [];
  const page = await stage.open(url, 'Alice');
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await new ChatPage(page).live();
  const before = loaded.filter((path) => /graphiql|monaco/.test(path));

  await page.getByRole('link', { name: 'GraphiQL' }).click();
  await page.locator('.graphiql-query-editor .view-lines').getByText('Listen').waitFor();

  expect(before).toEqual([]);
  expect(loaded.some((path) => path.includes('graphiql'))).toBe(true);
});
