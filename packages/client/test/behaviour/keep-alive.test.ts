import { expect, test } from 'vitest';
import { startServer } from '../stage/stage.ts';
import { clientOf, Heard, ON_MESSAGE, type OnMessage, status } from './support/staged-client.ts';

const QUICK = { intervalMs: 20, timeoutMs: 60 };

test.each(['groupcast', 'graphql-ws', 'mercurius'] as const)(
  'a dead line to %s is found by pings, and left',
  async (kind) => {
    const server = await startServer(kind);
    const client = clientOf(server, 'graphql-transport-ws', { keepAlive: QUICK });
    const messages = new Heard(client.subscribe<OnMessage>(ON_MESSAGE, { room: 'red' }));
    await server.awaitSubscribers('onMessage', 'red', 1);
    const lost = status(client, 'waiting');

    await server.fault({ name: 'half-open' });

    expect((await lost).error).toMatchObject({
      code: 'CONNECTION_LOST',
      message: 'No sign of life',
    });
    await server.mend();
    await status(client, 'open');
    await client.query('{ hello }');
    await server.broadcast('onMessage', 'red', { room: 'red', text: 'a' });
    await messages.until(1);
  },
);

test('a line that is only slow is kept', async () => {
  const server = await startServer();
  const client = clientOf(server, 'graphql-transport-ws', {
    keepAlive: { intervalMs: 10, timeoutMs: 5_000 },
  });
  client.subscribe(ON_MESSAGE, { room: 'red' }).subscribe({});
  await status(client, 'open');
  await server.fault({ name: 'delay', ms: 40 });

  for (let round = 0; round < 5; round += 1) await client.query('{ hello }');

  expect(client.status.name).toBe('open');
  expect(await server.dials()).toHaveLength(1);
});

test('a legacy server that stops its ka messages is left', async () => {
  const server = await startServer('groupcast', { keepAlive: { kaMs: 20 } });
  const client = clientOf(server, 'graphql-ws', { keepAlive: { kaTimeoutMs: 100 } });
  client.subscribe(ON_MESSAGE, { room: 'red' }).subscribe({});
  await server.awaitSubscribers('onMessage', 'red', 1);
  const lost = status(client, 'waiting');

  await server.fault({ name: 'half-open' });

  expect((await lost).error).toMatchObject({ message: 'No sign of life' });
});
