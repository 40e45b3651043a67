import { EventEmitter, once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { RestartableServer } from '../src/server/restartable-server.ts';
import { ChatPage, PageStage } from './page-stage.ts';

let stage: PageStage;
let server: RestartableServer;
let events: EventEmitter;
let url: string;

beforeAll(async () => {
  stage = await PageStage.launch();
});

afterAll(() => stage?.close());

beforeEach(async () => {
  events = new EventEmitter();
  server = new RestartableServer(
    { host: '127.0.0.1', port: 0, logLevel: 'silent', redisUrl: undefined, processes: 1 },
    {
      watch: () => () => undefined,
      restarting: () => undefined,
      restarted: () => events.emit('restarted'),
      failed: (sentence) => events.emit('error', new Error(sentence)),
    },
  );
  const start = await server.start();
  if (start.name === 'failed') throw new Error(start.sentence);
  url = start.url;
});

afterEach(async () => {
  const problems = await stage.clear();
  await server.close();
  expect(problems).toEqual([]);
});

test('a page whose connection is cut says so, and fetches what it has missed', async () => {
  const alice = await ChatPage.open(stage, url, 'Alice');
  const bob = await ChatPage.open(stage, url, 'Bob');
  await bob.say('before');
  await alice.hear('before');

  await alice.press('Cut my connection');
  await alice.shows(/Connection lost, next try in \d s/);
  await alice.shows('Missing what is said now');
  await bob.say('meanwhile');
  await alice.press('Connect now');
  await alice.hear('meanwhile');
  await bob.say('after');
  await alice.hear('after');

  const told = 'Alice, you are cut off. You read this because it was fetched again.';
  expect(await alice.lines()).toEqual([
    'Bob: before',
    'Gap: the connection was lost. Refetched: 2 messages missed',
    `The server: ${told}`,
    'Bob: meanwhile',
    'Bob: after',
  ]);
  await alice.shows('Gap in kittens: the connection was lost');
});

test('what is said while the connection is lost waits for it, and is sent once', async () => {
  const alice = await ChatPage.open(stage, url, 'Alice');
  const bob = await ChatPage.open(stage, url, 'Bob');
  await alice.press('Cut my connection');
  await alice.shows('Connection lost');

  await alice.page.getByLabel('Message', { exact: true }).fill('Did you hear me?');
  await alice.page.keyboard.press('Enter');
  await alice.shows('Sending …');
  await alice.press('Connect now');

  await bob.hear('Did you hear me?');
  await alice.hear('Did you hear me?');
  const own = (await alice.lines()).filter((line) => line.startsWith('Alice: '));
  expect(own).toEqual(['Alice: Did you hear me?']);
});

test('a restart of the server recovers both pages, and no message is missing on either', async () => {
  const alice = await ChatPage.open(stage, url, 'Alice');
  const bob = await ChatPage.open(stage, url, 'Bob');
  await alice.say('before');
  await bob.hear('before');
  const restarted = once(events, 'restarted');

  await alice.press('Restart the server');
  await alice.shows('Connection lost: Server restarts, connect again');
  await restarted;
  await fetch(`${url}/rooms/kittens/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ author: 'curl', text: 'right after the restart' }),
  });
  await alice.hear('right after the restart');
  await bob.hear('right after the restart');
  await Promise.all([alice.live(), bob.live()]);
  await bob.say('after');
  await alice.hear('after');

  const expected = ['Alice: before', 'curl: right after the restart', 'Bob: after'];
  const messagesOf = async (chat: ChatPage) =>
    (await chat.lines()).filter((line) => !line.startsWith('Gap: '));
  expect(await messagesOf(alice)).toEqual(expected);
  expect(await messagesOf(bob)).toEqual(expected);
});
