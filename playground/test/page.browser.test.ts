import type { FastifyInstance } from 'fastify';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPlayground } from '../src/server/create-playground.ts';
import { findChromium } from './find-chromium.ts';

let browser: Browser;
let app: FastifyInstance;
let url: string;
let problems: string[];

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
});

afterAll(async () => {
  await browser?.close();
});

beforeEach(async () => {
  problems = [];
  app = await createPlayground();
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await app.close();
  expect(problems).toEqual([]);
});

/** Opens the page as somebody in a browser of their own, and waits until their room is live. */
async function open(name: string, room = 'kittens'): Promise<Page> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  await context.addInitScript((given) => sessionStorage.setItem('name', given), name);
  const page = await context.newPage();
  page.setDefaultTimeout(5_000);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(`${url}/#${room}`);
  await page.getByText(`Connected as ${name}`).waitFor();
  await live(page);
  return page;
}

async function live(page: Page): Promise<void> {
  await page.locator('#log[aria-busy="false"]').waitFor();
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

async function hear(page: Page, text: string): Promise<void> {
  await page.getByRole('log').getByText(text, { exact: true }).waitFor();
}

/** All that the page shows of the messages, as `author: text`. */
async function messages(page: Page): Promise<string[]> {
  return page
    .getByRole('listitem')
    .evaluateAll((items) =>
      items.map(
        (item) =>
          `${item.querySelector('.author')?.textContent}: ${item.querySelector('p')?.textContent}`,
      ),
    );
}

test('two pages chat with each other, and each message is shown once', async () => {
  const alice = await open('Alice');
  const bob = await open('Bob');

  await say(alice, 'Hello Bob');
  await hear(bob, 'Hello Bob');
  await say(bob, '<b>Hello</b> Alice');
  await hear(alice, '<b>Hello</b> Alice');

  const expected = ['Alice: Hello Bob', 'Bob: <b>Hello</b> Alice'];
  expect(await messages(alice)).toEqual(expected);
  expect(await messages(bob)).toEqual(expected);
});

test('the curl line that the page copies posts to a route, and its message is shown', async () => {
  const alice = await open('Alice', 'otters');
  await alice.getByRole('button', { name: 'Copy' }).click();
  await alice.getByRole('button', { name: 'Copied' }).waitFor();
  const command = await alice.evaluate(() => navigator.clipboard.readText());
  const [address = ''] = command.match(/http:\S+/) ?? [];
  const [, body = ''] = command.match(/-d '(.+)'/) ?? [];

  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });

  expect(response.status).toBe(201);
  await hear(alice, 'Hello from a Fastify route');
});

test('a page shows who is typing until the message is there', async () => {
  const alice = await open('Alice');
  const bob = await open('Bob');
  const note = alice.getByText('Bob is typing …');

  await bob.getByLabel('Message', { exact: true }).pressSequentially('Hi');
  await note.waitFor();
  await bob.keyboard.press('Enter');

  await hear(alice, 'Hi');
  await note.waitFor({ state: 'hidden' });
});

test('another room, chosen by keyboard, shows its own messages only, and what was said before', async () => {
  const alice = await open('Alice', 'kittens');
  const bob = await open('Bob', 'puppies');
  await say(alice, 'Meow');
  await say(bob, 'Woof');
  await hear(alice, 'Meow');
  await hear(bob, 'Woof');

  await bob.getByRole('radio', { name: 'puppies' }).focus();
  await bob.keyboard.press('ArrowLeft');

  await hear(bob, 'Meow');
  expect(await messages(bob)).toEqual(['Alice: Meow']);
  expect(bob.url()).toBe(`${url}/#kittens`);
});

test('a page that was cut off connects again and shows what it missed', async () => {
  const alice = await open('Alice');
  const bob = await open('Bob');
  await say(bob, 'before');
  await hear(alice, 'before');

  const reconnect = alice.waitForEvent('websocket');
  await app.graphqlWs.disconnect({ tag: 'Alice', code: 4000 });
  await say(bob, 'meanwhile');
  await reconnect;

  await hear(alice, 'meanwhile');
  await say(bob, 'after');
  await hear(alice, 'after');
  expect(await messages(alice)).toEqual(['Bob: before', 'Bob: meanwhile', 'Bob: after']);
});

test('a page that is refused shows the reason, and connects under another name', async () => {
  const alice = await open('Alice');

  await app.graphqlWs.disconnect({ tag: 'Alice', reason: 'This name is not welcome' });
  await alice.getByText('Refused: This name is not welcome').waitFor();
  await alice.getByLabel('Your name').fill('Alicia');
  await alice.keyboard.press('Enter');

  await alice.getByText('Connected as Alicia').waitFor();
});

test('a missing Chromium fails with a sentence that says how to install it', () => {
  expect(() => findChromium([])).toThrow('apt-get install chromium');
});
