import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, expectNoLeaks } from '@groupcast/testing';
import { build } from 'esbuild';
import { afterEach, expect, test, vi } from 'vitest';

import { onMessage, pluginApp } from './support/plugin-app.ts';
import { acknowledgingApp } from './support/scripted-app.ts';

const root = join(import.meta.dirname, '../../..');

afterEach(() => {
  vi.useRealTimers();
});

test("works under the defaults of Vitest's fake timers", async () => {
  vi.useFakeTimers();
  // A leap in time would look to it like a client that does not answer pings.
  const app = await pluginApp({ keepAlive: false });
  const alice = await connect(app);
  const kittens = await alice.subscribe('subscription { onMessage(room: "kittens") { text } }');
  const late = { group: 'kittens', payload: { text: 'late' } };
  setTimeout(() => void app.broadcast(onMessage, late), 60_000);

  await kittens.expectSilence();
  vi.advanceTimersByTime(60_000);
  await kittens.expectNext({ onMessage: { text: 'late' } });
  await alice.close();
  await expectNoLeaks(app);
});

test('timers that are faked in the middle change nothing', async () => {
  const app = await pluginApp();
  const alice = await connect(app);
  vi.useFakeTimers();
  const kittens = await alice.subscribe('subscription { onMessage(room: "kittens") { text } }');

  await app.broadcast(onMessage, { group: 'kittens', payload: { text: 'hi' } });

  await kittens.expectNext({ onMessage: { text: 'hi' } });
  await alice.close();
});

test('a faked queueMicrotask is told at once', async () => {
  const alice = await connect(acknowledgingApp({}));
  vi.useFakeTimers({ toFake: ['queueMicrotask'] });

  const connecting = connect(acknowledgingApp({}));
  const outcomes = await Promise.allSettled([
    connecting,
    alice.receive(),
    alice.start('{ a }').next(),
    alice.expectSilence(),
    alice.close(),
  ]);

  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('queueMicrotask is faked') },
    });
  }
  await expect(connecting).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: Cannot use the connection: queueMicrotask is faked, and streams stand still without it. Fake other timers only: vi.useFakeTimers() without toFake, or jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] })]`,
  );
});

test('a faked process.nextTick is told at once', async () => {
  const { nextTick } = process;
  process.nextTick = () => {};
  const connecting = connect(acknowledgingApp({}));
  process.nextTick = nextTick;

  await expect(connecting).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: Cannot use the connection: process.nextTick is faked, and streams stand still without it. Fake other timers only: vi.useFakeTimers() without toFake, or jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] })]`,
  );
});

test("works under the defaults of node:test's mock.timers, in a run of node --test", async () => {
  // Within the repository, so that Node finds what the bundle leaves out.
  const folder = join(root, 'node_modules/.cache/groupcast');
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, `timers-${process.pid}.test.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, 'support/timers.node-test.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@groupcast/source'],
    external: [
      'ws',
      'graphql',
      'fastify',
      'fastify-plugin',
      '@fastify/*',
      '@graphql-tools/*',
      'mqemitter',
    ],
    logLevel: 'error',
  });

  // Vitest marks its children as parts of itself.
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const run = promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', outfile], {
    env,
    cwd: folder,
  });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  await rm(outfile);

  expect(stdout).toMatch(/# pass 3\n# fail 0/);
});
