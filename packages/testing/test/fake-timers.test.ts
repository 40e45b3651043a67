import { connect, expectNoLeaks } from '@groupcast/testing';
import { afterEach, expect, test, vi } from 'vitest';

import { runByNodeTest } from './support/other-runners.ts';
import { onMessage, pluginApp } from './support/plugin-app.ts';
import { acknowledgingApp } from './support/scripted-app.ts';

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
  const report = await runByNodeTest("import './timers.node-test.ts';");

  expect(report).toMatch(/# pass 3\n# fail 0/);
});
