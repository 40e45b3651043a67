import { AsyncLocalStorage } from 'node:async_hooks';
import { connect } from '@groupcast/testing';
import { expect, test } from 'vitest';

import { acknowledgingApp } from './support/scripted-app.ts';

test("the server runs outside of the test's async context, as behind a real socket", async () => {
  const user = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const app = acknowledgingApp({
    onOpen: () => seen.push(user.getStore()),
    onMessage: ({ say }, { id }) => {
      seen.push(user.getStore());
      say({ id, type: 'complete' });
    },
  });
  app.server.on('upgrade', () => seen.push(user.getStore()));

  await user.run('alice', async () => {
    await using alice = await connect(app);
    await alice.start('{ a }').expectComplete();
    expect(user.getStore()).toBe('alice');
  });

  expect(seen).toEqual([undefined, undefined, undefined]);
});
