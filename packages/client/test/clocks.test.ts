import { mockServer } from '@groupcast/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createClient } from '../src/index.ts';
import { status } from './behaviour/support/staged-client.ts';

const HOUR_MS = 3_600_000;

/** A client with one subscription that is live, when the clock shows this. */
async function liveAt(clock: number) {
  vi.useFakeTimers({
    now: clock,
    toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'],
  });
  onTestFinished(() => void vi.useRealTimers());
  const server = await mockServer({ OnText: (operation) => operation.next({ onText: 'a' }) });
  const client = createClient({
    url: server.url,
    webSocket: server.WebSocket,
    retryDelayMs: () => 5,
  });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  const subscription = client.subscribe('subscription OnText { onText }');
  await subscription.ready;
  return { client, server, subscription };
}

test('a client hangs up when it is idle, also where the clock stands at zero', async () => {
  const { client, subscription } = await liveAt(0);

  subscription.unsubscribe();
  vi.advanceTimersByTime(3_000);

  expect(client.status).toEqual({ name: 'idle' });
});

test.each([
  ['set back', -HOUR_MS, 10_000, 1],
  ['set forward', HOUR_MS, 9_000, 2],
])(
  'whether a connection has held for 10 s is nothing to a clock that is %s',
  async (_how, changeMs, heldMs, attempt) => {
    const { client, server } = await liveAt(24 * HOUR_MS);
    server.dropAll();
    expect(await status(client, 'waiting')).toMatchObject({ attempt: 1 });
    vi.advanceTimersByTime(5);
    await status(client, 'open');

    vi.advanceTimersByTime(heldMs);
    vi.setSystemTime(Date.now() + changeMs);
    server.dropAll();

    expect(await status(client, 'waiting')).toMatchObject({ attempt });
  },
);
