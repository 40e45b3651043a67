import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Calls by which a test could let time pass; methods of objects are not meant. */
const WAITS =
  /(?<![.\w])(?:setTimeout|setInterval|sleep|delay|wait|pause)\((?!\))|scheduler\.wait\(/;

/** Tests that have such a line, how many and what it is for: not one waits to prove a client's silence. */
const ALLOWED: Readonly<Record<string, readonly [count: number, why: string]>> = {
  'packages/server-plugin/test/broadcast.test.ts': [1, 'a route broadcasts from a timer'],
  'packages/server-plugin/test/broker-contract-failures.test.ts': [3, 'emitters that are too late'],
  'packages/server-plugin/test/context.test.ts': [2, 'resolvers that take their time'],
  'packages/server-plugin/test/keep-alive-signs-of-life.test.ts': [1, 'a line that takes bytes'],
  'packages/server-plugin/test/redis-churn.graphql-16.test.ts': [1, 'other turns for each round'],
  'packages/server-plugin/test/redis-heartbeat.graphql-16.test.ts': [
    2,
    'turns between busy times, a slow line',
  ],
  'packages/server-plugin/test/redis-output-buffer.graphql-16.test.ts': [1, 'says it until heard'],
  'packages/testing/test/fake-timers.test.ts': [1, 'a faked timer, which the test advances'],
  'packages/testing/test/matching.test.ts': [1, 'a server that sends again and again'],
  'packages/testing/test/timeouts.test.ts': [1, 'a faked timer, which the test advances'],
};

/** All test files, by their paths from the root with slashes. */
function testFiles(): string[] {
  return ['packages', 'playground', 'examples', 'test']
    .flatMap((folder) => readdirSync(join(root, folder), { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isFile() && /\.test\.(?:tsx?|js)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.includes('node_modules') && file !== 'test/no-sleeps.test.ts');
}

/** The lines of a text that let time pass, as `12: await sleep(100)`. */
function waitsIn(text: string): string[] {
  return text
    .split('\n')
    .map((line, index) => `${index + 1}: ${line.trim()}`)
    .filter((line) => WAITS.test(line));
}

test('no test sleeps to prove silence: expectSilence() does, without a time', () => {
  const files = testFiles();
  const found = files.flatMap((file) => {
    const waits = waitsIn(readFileSync(join(root, file), 'utf8'));
    const [allowed] = ALLOWED[file] ?? [0];
    return waits.length === allowed ? [] : [`${file}: ${waits.join('; ') || 'no wait any more'}`];
  });

  expect(found).toEqual([]);
  expect(files.length).toBeGreaterThan(100);
});

test.each([
  ['await sleep(100);', true],
  ['await new Promise((resolve) => setTimeout(resolve, 50));', true],
  ['await delay(5);', true],
  ['await scheduler.wait(5);', true],
  ['client.pause();', false],
  ['server.delay(30);', false],
  ["vi.useFakeTimers({ toFake: ['setTimeout'] });", false],
  ['await vi.waitFor(() => expect(a).toBe(1));', false],
])('it sees what waits: %s', (line, isWait) => {
  expect(waitsIn(line)).toHaveLength(isWait ? 1 : 0);
});
