import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, createClient } from '../src/index.ts';
import { clientTimers } from './support/client-timers.ts';
import { UnrulyServer } from './support/unruly-server.ts';

const places = [
  ...['params', 'url', 'retryDelayMs', 'onContinuity', 'next', 'error', 'complete', 'catch'],
  ...['connecting', 'open', 'waiting', 'idle', 'closed'],
] as const;

type Place = (typeof places)[number];

/** A client that calls back at each place, and whose first connection is lost with all on it. */
async function everyPlace(reach: (place: Place, client: Client) => void) {
  const server = new UnrulyServer();
  onTestFinished(() => server.close());
  server.misbehave({ early: ['{"type":"connection_ack"}'], late: [{ close: 4000 }] });
  const sockets: WebSocket[] = [];
  const address = await server.url();
  const client: Client = createClient({
    url: () => {
      reach('url', client);
      return address;
    },
    params: () => {
      reach('params', client);
      return {};
    },
    retryDelayMs: () => {
      reach('retryDelayMs', client);
      return 0;
    },
    webSocket: class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    },
    idleCloseMs: 0,
  });
  client.on('status', ({ name }) => name !== 'offline' && reach(name, client));
  return { client, sockets };
}

/** Begins one operation of each kind; resolves when the subscription has a result or has ended. */
async function work(client: Client, reach: (place: Place, client: Client) => void): Promise<void> {
  const subscription = client.subscribe(
    'subscription { a }',
    {},
    { onContinuity: () => reach('onContinuity', client) },
  );
  const requests = [client.query('{ a }'), client.mutate('mutation { a }')].map((request) =>
    request.catch(() => reach('catch', client)),
  );
  await new Promise<void>((resolve) => {
    subscription.subscribe({
      next: () => {
        reach('next', client);
        subscription.unsubscribe();
        resolve();
      },
      error: () => {
        reach('error', client);
        resolve();
      },
      complete: () => {
        reach('complete', client);
        resolve();
      },
    });
  });
  await Promise.all(requests);
}

/** Resolves when the client does nothing any more by itself. */
function isAtRest(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (client.status.name === 'idle' || client.status.name === 'closed') resolve();
    };
    client.on('status', look);
    look();
  });
}

const reachable = places.filter((place) => place !== 'complete' && place !== 'error');

test.each(
  reachable.flatMap(
    (place) =>
      [
        { place, act: 'close' },
        { place, act: 'reconnect' },
      ] as const,
  ),
)('$act() from $place leaves no timer and no socket', async ({ place, act }) => {
  const timers = clientTimers();
  let wasReached = false;
  const reach = (at: Place, client: Client): void => {
    if (at !== place || wasReached) return;
    wasReached = true;
    if (act === 'close') void client.close();
    else if (client.status.name !== 'closed') client.reconnect();
  };
  const { client, sockets } = await everyPlace(reach);

  await work(client, reach);
  await isAtRest(client);
  if (act === 'reconnect') expect(await client.query('{ a }')).toEqual({ isGood: true });
  await client.close();
  // Until async_hooks have told of the last ones.
  for (let round = 0; round < 3; round += 1) await turn();

  expect(wasReached).toBe(true);
  expect([...timers]).toEqual([]);
  expect(sockets.filter(({ readyState }) => readyState !== WebSocket.CLOSED)).toEqual([]);
});
