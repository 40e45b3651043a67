import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { startRedis } from '../../packages/server-plugin/test/support/redis-server.ts';
import { createPlayground } from '../src/server/create-playground.ts';
import { RedisStore } from '../src/server/redis-store.ts';
import { findChromium } from './find-chromium.ts';
import { ChatPage, PageStage } from './page-stage.ts';

let stage: PageStage;
let app: FastifyInstance;
let url: string;

beforeAll(async () => {
  stage = await PageStage.launch();
});

afterAll(() => stage?.close());

beforeEach(async () => {
  app = await createPlayground();
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  const problems = await stage.clear();
  await app.close();
  expect(problems).toEqual([]);
});

function open(name: string, room?: string): Promise<ChatPage> {
  return ChatPage.open(stage, url, name, room);
}

test('two pages chat with each other, and each message is shown once', async () => {
  const alice = await open('Alice');
  const bob = await open('Bob');

  await alice.say('Hello Bob');
  await bob.hear('Hello Bob');
  await bob.say('<b>Hello</b> Alice');
  await alice.hear('<b>Hello</b> Alice');

  const expected = ['Alice: Hello Bob', 'Bob: <b>Hello</b> Alice'];
  expect(await alice.lines()).toEqual(expected);
  expect(await bob.lines()).toEqual(expected);
});

test('the curl line that the page copies posts to a route, and its message is shown', async () => {
  const alice = await open('Alice', 'otters');
  await alice.press('Copy');
  await alice.shows('Copied');
  const command = await alice.page.evaluate(() => navigator.clipboard.readText());
  const [address = ''] = command.match(/http:\S+/) ?? [];
  const [, body = ''] = command.match(/-d '(.+)'/) ?? [];

  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });

  expect(response.status).toBe(201);
  await alice.hear('Hello from a Fastify route');
});

test('a page shows what it has missed while Redis was away', async () => {
  await using redis = await startRedis();
  const memoryApp = app;
  app = await createPlayground({ redisUrl: redis.url });
  await memoryApp.close();
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  const store = new RedisStore(redis.url);
  onTestFinished(() => store.close());
  const alice = await open('Alice');

  const message = { id: '1', room: 'kittens', author: 'Bob', text: 'Meow', sentAt: new Date() };
  await store.add(message);
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');

  await alice.hear('Meow');
});

test('a page shows who is typing until the message is there', async () => {
  const alice = await open('Alice');
  const bob = await open('Bob');
  const note = alice.page.getByText('Bob is typing …');

  await bob.page.getByLabel('Message', { exact: true }).pressSequentially('Hi');
  await note.waitFor();
  await bob.page.keyboard.press('Enter');

  await alice.hear('Hi');
  await note.waitFor({ state: 'hidden' });
});

test('a page shows who comes and who goes', async () => {
  const alice = await open('Alice');
  const people = alice.page.getByRole('list', { name: 'Who is here' });
  await people.getByText('Alice (you)').waitFor();

  const bob = await open('Bob');
  await people.getByText('Bob').waitFor();
  await bob.page.getByRole('link', { name: 'puppies' }).click();

  await people.getByText('Bob').waitFor({ state: 'hidden' });
});

test('another room, chosen by keyboard, shows its own messages only, and what was said before', async () => {
  const alice = await open('Alice', 'kittens');
  const bob = await open('Bob', 'puppies');
  await alice.say('Meow');
  await bob.say('Woof');

  await bob.page.getByRole('link', { name: 'puppies' }).focus();
  await bob.page.keyboard.press('Shift+Tab');
  await bob.page.keyboard.press('Enter');

  await bob.hear('Meow');
  expect(await bob.lines()).toEqual(['Alice: Meow']);
  expect(bob.page.url()).toBe(`${url}/#/chat/kittens`);
});

test('a page that is refused shows the reason, and connects under another name', async () => {
  const page = await stage.open(url, 'x'.repeat(41));

  await page.getByText('Refused: Give a name of 1 to 40 characters in connection_init').waitFor();
  await page.getByLabel('Your name').fill('Alicia');
  await page.keyboard.press('Enter');

  await page.getByText('Connected as Alicia').waitFor();
  await new ChatPage(page).say('I am here');
});

test('the theme follows the system until the visitor chooses, and the choice is kept', async () => {
  const page = await stage.open(url, 'Alice', 'dark');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await background();

  await page.getByRole('button', { name: 'Use the light theme' }).click();
  await page.getByRole('button', { name: 'Use the dark theme' }).waitFor();
  const light = await background();
  await page.reload();
  await page.getByRole('button', { name: 'Use the dark theme' }).waitFor();

  expect(light).not.toBe(dark);
  expect(await background()).toBe(light);
});

test('a missing Chromium fails with a sentence that says how to install it', () => {
  expect(() => findChromium([])).toThrow('apt-get install chromium');
});
