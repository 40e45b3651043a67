import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, createClient } from '../src/index.ts';
import { startServer } from './stage/stage.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** The server is another process, so that this one's heap is the client's. */
async function startClient(): Promise<Client> {
  const { url } = await startServer();
  const client = createClient({ url, webSocket: WebSocket });
  onTestFinished(() => client.close());
  return client;
}

/** Queries, and subscriptions that are left by each of the ways there are. */
async function work(client: Client, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    await Promise.all([
      client.query('{ hello }', {}, { signal }),
      client.query('{ hello }', {}, { signal: AbortSignal.abort() }).catch(() => undefined),
      client.query('{ nothing }', {}, { signal }).catch(() => undefined),
    ]);
    for await (const _ of client.subscribe('subscription { countdown(from: 2) }', {}, { signal }))
      break;
    const subscription = client.subscribe('subscription { onNumber(room: "a") }', {}, { signal });
    await subscription.ready;
    subscription.unsubscribe();
  }
}

function heapBytes(): number {
  for (let pass = 0; pass < 3; pass += 1) collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('a signal that is used for many operations keeps no listener of those that ended', async () => {
  const client = await startClient();
  const { signal } = new AbortController();

  await work(client, signal);

  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('thousands of operations on one connection leave nothing behind', async () => {
  const client = await startClient();
  const { signal } = new AbortController();
  for (let warmUp = 0; warmUp < 2; warmUp += 1) await work(client, signal);
  const before = heapBytes();

  for (let round = 0; round < 4; round += 1) await work(client, signal);

  // 4,000 operations: a hundred bytes kept of each would be seen.
  expect(heapBytes() - before).toBeLessThan(400_000);
});
