import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Client, type Continuity, createClient, modern } from '../src/index.ts';
import { legacy } from '../src/legacy.ts';
import { rejection } from './behaviour/support/staged-client.ts';

const LATER = { message: 'later', extensions: { code: 'BROKER_UNAVAILABLE' } };

interface Begun {
  readonly id: string;
  readonly query: string;
}

/** A server that answers operations as the test says, and a client of it that retries as it says. */
async function scripted(
  retryDelayMs: () => number,
  answer: (begun: Begun, say: (message: object) => void) => void,
  protocol: typeof modern | typeof legacy = modern,
): Promise<Client> {
  const server = new WebSocketServer({ port: 0, handleProtocols: ([first]) => first ?? false });
  server.on('connection', (socket) => {
    const say = (message: object): void => socket.send(JSON.stringify(message));
    socket.on('message', (data) => {
      const { type, id, payload } = JSON.parse(`${data}`);
      if (type === 'connection_init') say({ type: 'connection_ack' });
      if (type === 'subscribe' || type === 'start') answer({ id, query: payload.query }, say);
    });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createClient({
    url: `ws://127.0.0.1:${port}`,
    webSocket: WebSocket,
    protocols: [protocol],
    retryDelayMs,
  });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  return client;
}

test('what the server could not begin waits its time, also while other operations begin', async () => {
  let refusals = 0;
  let refused = (): void => {};
  const isRefused = new Promise<void>((resolve) => {
    refused = resolve;
  });
  const client = await scripted(
    () => 60_000,
    ({ id, query }, say) => {
      if (query === '{ a }') return say({ type: 'next', id, payload: { data: { a: 1 } } });
      refusals += 1;
      say({ type: 'error', id, payload: [LATER] });
      refused();
    },
  );
  client.subscribe('subscription { a }').subscribe({ error: () => {} });
  await isRefused;

  for (let round = 0; round < 5; round += 1) await client.query('{ a }');

  expect(refusals).toBe(1);
});

test('a legacy server that says late that it has ended what it could not begin ends no other try', async () => {
  const ids: string[] = [];
  const client = await scripted(
    () => 0,
    ({ id }, say) => {
      ids.push(id);
      if (ids.length === 1) return say({ type: 'data', id, payload: { errors: [LATER] } });
      // Of the first try: it was on its way.
      say({ type: 'complete', id: ids[0] });
      say({ type: 'data', id, payload: { data: { a: 1 } } });
    },
    legacy,
  );

  const first = client.subscribe('subscription { a }')[Symbol.asyncIterator]().next();

  expect(await first).toEqual({ done: false, value: { a: 1 } });
});

/** A subscription that the server can't begin at first, when it was told so. */
async function refusedOnce() {
  let tries = 0;
  const client = await scripted(
    () => 60_000,
    ({ id, query }, say) => {
      if (query !== '{ a }') tries += 1;
      if (query !== '{ a }' && tries === 1) return say({ type: 'error', id, payload: [LATER] });
      say({ type: 'next', id, payload: { data: { a: 1 } } });
    },
  );
  const told: Continuity[] = [];
  const subscription = client.subscribe(
    'subscription { a }',
    {},
    { onContinuity: (continuity) => told.push(continuity) },
  );
  const first = subscription[Symbol.asyncIterator]().next();
  // The first may be asked before it, so its answer may come before that.
  for (let round = 0; round < 2; round += 1) await client.query('{ a }');
  return { client, subscription, first, told, tries: () => tries };
}

test('what the server could not begin is begun on the next connection, and nothing was missed', async () => {
  const { client, first, told } = await refusedOnce();

  client.reconnect();

  expect(await first).toEqual({ done: false, value: { a: 1 } });
  expect(told).toEqual([{ state: 'live', reason: 'subscribed' }]);
});

test('what the server could not begin ends with its client', async () => {
  const { client, subscription, first, tries } = await refusedOnce();
  const failures = [rejection(first), rejection(subscription.ready)];

  await client.close();

  for (const failure of failures) expect(await failure).toMatchObject({ code: 'CLIENT_CLOSED' });
  expect(tries()).toBe(1);
});

test('what the server could not begin can be stopped', async () => {
  const { subscription, first, tries } = await refusedOnce();

  subscription.unsubscribe();

  expect(await first).toEqual({ done: true, value: undefined });
  expect(tries()).toBe(1);
});
