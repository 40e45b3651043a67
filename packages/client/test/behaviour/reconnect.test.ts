import { describe, expect, test } from 'vitest';
import type { DialReason } from '../../src/index.ts';
import { pairings, startServer } from '../stage/stage.ts';
import {
  clientOf,
  Heard,
  ON_MESSAGE,
  type OnMessage,
  rejection,
  status,
  statusNames,
} from './support/staged-client.ts';

describe.each(pairings)('%s over %s', (kind, protocol) => {
  test('a mutation that is pending when the line is cut rejects, and runs once', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol);
    const mutation = rejection(client.mutate('mutation { slowIncrement(key: "m") }'));
    await server.awaitExecutions('m', 1);

    await server.fault({ name: 'cut' });

    expect(await mutation).toMatchObject({
      code: 'CONNECTION_LOST',
      retryable: true,
      closeCode: 1006,
    });
    await server.release('m');
    expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
    expect(await server.executions('m')).toBe(1);
  });

  test('subscriptions come back after a restart', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol);
    const messages = new Heard(client.subscribe<OnMessage>(ON_MESSAGE, { room: 'red' }));
    await server.awaitSubscribers('onMessage', 'red', 1);

    await server.restart();
    await server.awaitSubscribers('onMessage', 'red', 1);
    await server.broadcast('onMessage', 'red', { room: 'red', text: 'again' });

    expect(await messages.until(1)).toEqual([{ onMessage: { text: 'again' } }]);
    expect(messages.error).toBeUndefined();
  });
});

test('a subscription that was ended while there was no connection does not come back', async () => {
  const server = await startServer();
  const client = clientOf(server);
  const stopped = client.subscribe(ON_MESSAGE, { room: 'red' });
  stopped.subscribe({});
  client.subscribe(ON_MESSAGE, { room: 'blue' }).subscribe({});
  await server.awaitSubscribers('onMessage', 'red', 1);
  await server.awaitSubscribers('onMessage', 'blue', 1);

  await server.fault({ name: 'refuse' });
  await server.fault({ name: 'cut' });
  await server.fault({ name: 'refuse' });
  await status(client, 'waiting');
  stopped.unsubscribe();
  await server.mend();

  await server.awaitSubscribers('onMessage', 'blue', 1);
  expect(await server.subscribers('onMessage', 'red')).toBe(0);
});

test('a server that is down is dialled until it is back', async () => {
  const server = await startServer();
  await server.fault({ name: 'unreachable' });
  const attempts: DialReason[] = [];
  const client = clientOf(server, 'graphql-transport-ws', {
    params: (reason) => {
      attempts.push(reason);
      return {};
    },
  });
  const answer = client.query('{ hello }');
  while (attempts.length < 20)
    await status(client, 'connecting').then(() => status(client, 'waiting'));

  await server.mend();

  expect(await answer).toEqual({ hello: 'world' });
  expect(attempts.slice(0, 3)).toEqual([
    { attempt: 0, error: undefined },
    { attempt: 1, error: expect.objectContaining({ code: 'CONNECTION_LOST', closeCode: 1006 }) },
    { attempt: 2, error: expect.objectContaining({ code: 'CONNECTION_LOST' }) },
  ]);
});

test('a server that acknowledges and closes is not dialled faster than one that is down', async () => {
  const server = await startServer();
  const asked: number[] = [];
  const client = clientOf(server, 'graphql-transport-ws', {
    retryDelayMs: (attempt) => {
      asked.push(attempt);
      return 5;
    },
  });
  client.subscribe(ON_MESSAGE, { room: 'red' }).subscribe({});

  for (let round = 1; round <= 4; round += 1) {
    await status(client, 'open');
    const isLost = status(client, 'waiting');
    await server.closeAll(1000, '');
    await isLost;
  }

  // Only a connection that has held for ten seconds makes it forget earlier failures.
  expect(asked).toEqual([1, 2, 3, 4]);
});

test('the client gives up after retryAttempts, and says why', async () => {
  const server = await startServer();
  await server.fault({ name: 'unreachable' });
  const client = clientOf(server, 'graphql-transport-ws', { retryAttempts: 2 });
  const messages = new Heard(client.subscribe(ON_MESSAGE, { room: 'red' }));
  const error = await rejection(client.query('{ hello }'));
  await messages.end();

  expect(error).toMatchObject({ code: 'CONNECTION_LOST', closeCode: 1006 });
  expect(messages.error).toBe(error);
  expect(client.status).toEqual({ name: 'closed', error });
  expect(await rejection(client.query('{ hello }'))).toBe(error);
});

test('a message that is too big fails its subscription, and the others come back', async () => {
  const server = await startServer('groupcast', { limits: { messageBytes: 2_000 } });
  const client = clientOf(server);
  const messages = new Heard(client.subscribe<OnMessage>(ON_MESSAGE, { room: 'red' }));
  await server.awaitSubscribers('onMessage', 'red', 1);
  await client.query('{ hello }');

  const big = new Heard(client.subscribe(ON_MESSAGE, { room: 'r'.repeat(3_000) }));
  await big.end();

  expect(big.error).toMatchObject({ code: 'CONNECTION_LOST', closeCode: 1009 });
  await server.awaitDials(2);
  await server.awaitSubscribers('onMessage', 'red', 1);
  await server.broadcast('onMessage', 'red', { room: 'red', text: 'a' });
  expect(await messages.until(1)).toHaveLength(1);
  expect(await server.dials()).toHaveLength(2);
});

test('a listener that dials anew when the client gives up keeps what it begins', async () => {
  const server = await startServer();
  await server.fault({ name: 'unreachable' });
  const client = clientOf(server, 'graphql-transport-ws', { retryAttempts: 0 });
  let answer: Promise<unknown> | undefined;
  client.on('status', ({ name }) => {
    if (name !== 'closed' || answer) return;
    answer = server.mend().then(() => {
      client.reconnect();
      return client.query('{ hello }');
    });
  });

  await rejection(client.query('{ hello }'));

  expect(await answer).toEqual({ hello: 'world' });
});

test('reconnect() begins again after it was given up', async () => {
  const server = await startServer();
  await server.fault({ name: 'unreachable' });
  const client = clientOf(server, 'graphql-transport-ws', { retryAttempts: 1 });
  await rejection(client.query('{ hello }'));
  await server.mend();

  client.reconnect();

  expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
});

test('reconnect() dials anew while a connection is open, and subscriptions come back', async () => {
  const server = await startServer();
  const client = clientOf(server);
  const messages = new Heard(client.subscribe<OnMessage>(ON_MESSAGE, { room: 'red' }));
  const slow = rejection(client.mutate('mutation { slowIncrement(key: "m") }'));
  await server.awaitExecutions('m', 1);
  const names = statusNames(client);

  client.reconnect();

  expect(await slow).toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
  await status(client, 'open');
  await server.awaitSubscribers('onMessage', 'red', 1);
  await server.awaitConnections(1);
  await server.broadcast('onMessage', 'red', { room: 'red', text: 'a' });
  expect(await messages.until(1)).toEqual([{ onMessage: { text: 'a' } }]);
  expect(names).toEqual(['connecting', 'open']);
  expect(await server.executions('m')).toBe(1);
  await server.release('m');
});

test('the floor of a close reason is waited for before the next dial', async () => {
  const server = await startServer();
  const client = clientOf(server, 'graphql-transport-ws', { retryDelayMs: () => 7 });
  client.subscribe(ON_MESSAGE, { room: 'red' }).subscribe({});
  await status(client, 'open');
  const lost = status(client, 'waiting');

  await server.closeAll(4000, 'Busy; retry-after=0.25');

  const { retryInMs } = await lost;
  expect(retryInMs).toBeGreaterThan(200);
  expect(retryInMs).toBeLessThanOrEqual(257);
  await status(client, 'open');
});

test('a dial that nobody answers is given up after connectTimeoutMs', async () => {
  const server = await startServer();
  await server.fault({ name: 'half-open' });
  const client = clientOf(server, 'graphql-transport-ws', { connectTimeoutMs: 50 });
  const answer = client.query('{ hello }');
  const { error } = await status(client, 'waiting');
  expect(error).toMatchObject({ code: 'CONNECTION_LOST', message: 'No sign of life' });

  await server.mend();

  expect(await answer).toEqual({ hello: 'world' });
});
