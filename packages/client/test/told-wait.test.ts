import type { JsonObject } from '@groupcast/protocol';
import { type MockServer, mockServer } from '@groupcast/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Client, type ClientOptions, createClient, modern } from '../src/index.ts';
import { legacy } from '../src/legacy.ts';
import { status } from './behaviour/support/staged-client.ts';

/** How long the clients of these tests wait by themselves. */
const OWN_MS = 7;

const MINUTE_MS = 60_000;

interface Scene {
  readonly server: MockServer;
  readonly client: Client;
  /** What the confirmations of later connections say. */
  say(words: JsonObject): void;
  /** Resolves when the next connection has confirmed the subscription. */
  isConfirmed(): Promise<unknown>;
}

/** A client whose subscription was confirmed with these words. */
async function confirmedWith(words: JsonObject, options?: Partial<ClientOptions>): Promise<Scene> {
  let said = words;
  const server = await mockServer({
    OnNumber: (operation) => {
      const extensions = { groupcast: { v: 1, confirmed: true, ...said } };
      operation.result({ data: null, extensions });
      operation.next({ onNumber: 1 });
    },
  });
  const client = createClient({
    url: server.url,
    webSocket: server.WebSocket,
    retryDelayMs: () => OWN_MS,
    ...options,
  });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  const numbers = client.subscribe('subscription OnNumber { onNumber }')[Symbol.asyncIterator]();
  const isConfirmed = (): Promise<unknown> => numbers.next();
  await isConfirmed();
  const say = (later: JsonObject): void => {
    said = later;
  };
  return { server, client, say, isConfirmed };
}

/** How long the client waits for its next dial when this has happened. */
async function waitAfter(client: Client, happening: () => unknown): Promise<number> {
  const lost = status(client, 'waiting');
  await happening();
  return (await lost).retryInMs;
}

test.each([modern, legacy])(
  'a wait that was told in advance is waited for after a cut, over $subprotocol',
  async (protocol) => {
    const { client, isConfirmed, server } = await confirmedWith(
      { retryAfterMs: 250 },
      { protocols: [protocol] },
    );

    const waited = await waitAfter(client, () => server.dropAll());

    expect(waited).toBeGreaterThan(200);
    expect(waited).toBeLessThanOrEqual(250 + OWN_MS);
    await isConfirmed();
  },
);

test('a wait that was told in advance is waited for when there is no sign of life', async () => {
  const keepAlive = { intervalMs: 5, timeoutMs: 20 };
  const { client, server } = await confirmedWith({ retryAfterMs: MINUTE_MS }, { keepAlive });

  expect(await waitAfter(client, () => server.stall())).toBeGreaterThan(MINUTE_MS / 2);
});

test('a wait that was told in advance is not waited for after a close frame', async () => {
  const { client, server } = await confirmedWith({ retryAfterMs: MINUTE_MS });

  expect(await waitAfter(client, () => server.closeAll(4000, 'Busy'))).toBeLessThanOrEqual(OWN_MS);
});

test('the wait of a close reason takes the place of one that was told in advance', async () => {
  const { client, server } = await confirmedWith({ retryAfterMs: MINUTE_MS });

  const waited = await waitAfter(client, () => server.closeAll(1012, 'retry-after=600'));

  expect(waited).toBeGreaterThan(9 * MINUTE_MS);
  expect(waited).toBeLessThanOrEqual(10 * MINUTE_MS + OWN_MS);
});

test('a wait that was told in advance is forgotten with its connection', async () => {
  const { client, isConfirmed, say, server } = await confirmedWith({ retryAfterMs: MINUTE_MS });
  say({});
  await server.closeAll(4000, 'Busy');
  await isConfirmed();

  expect(await waitAfter(client, () => server.dropAll())).toBeLessThanOrEqual(OWN_MS);
});

test('a wait that was told in advance ends when the platform says that the network is back', async () => {
  const platform = new EventTarget();
  vi.stubGlobal('addEventListener', platform.addEventListener.bind(platform));
  onTestFinished(() => void vi.unstubAllGlobals());
  const { client, isConfirmed, server } = await confirmedWith({ retryAfterMs: MINUTE_MS });
  expect(await waitAfter(client, () => server.dropAll())).toBeGreaterThan(MINUTE_MS / 2);

  platform.dispatchEvent(new Event('online'));

  expect(client.status).toMatchObject({ name: 'waiting' });
  await isConfirmed();
});

test.each([null, true, '60000', -MINUTE_MS, [MINUTE_MS], { ms: MINUTE_MS }, 1e300])(
  'what is no wait is not waited for: %j',
  async (retryAfterMs) => {
    const { client, server } = await confirmedWith({ retryAfterMs });

    const waited = await waitAfter(client, () => server.dropAll());

    expect(waited).toBeLessThanOrEqual(OWN_MS);
    expect(waited).toBeGreaterThanOrEqual(0);
    await status(client, 'open');
  },
);
