import { describe, expect, test } from 'vitest';
import { createClient, type WebSocketLike } from '../../src/index.ts';
import { pairings, startServer } from '../stage/stage.ts';
import { webSocket } from '../stage/web-socket.ts';
import {
  clientOf,
  Heard,
  ON_MESSAGE,
  rejection,
  status,
  statusNames,
} from './support/staged-client.ts';

describe.each(pairings)('%s over %s', (kind, protocol) => {
  test('a client dials with its first operation, and hangs up when it is idle', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol, { idleCloseMs: 20 });
    const names = statusNames(client);
    expect(client.status).toEqual({ name: 'idle' });

    await client.query('{ hello }');
    await status(client, 'idle');

    expect(names).toEqual(['connecting', 'open', 'idle']);
    await server.awaitConnections(0);
    await client.query('{ hello }');
    expect(await server.dials()).toHaveLength(2);
  });

  test('close() ends everything and resolves when the socket is closed', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol);
    const messages = new Heard(client.subscribe(ON_MESSAGE, { room: 'red' }));
    const slow = rejection(client.query('{ slow(key: "s") }'));
    await server.awaitSubscribers('onMessage', 'red', 1);
    await server.awaitExecutions('s', 1);

    await client.close();
    await messages.end();

    expect(await slow).toMatchObject({ code: 'CLIENT_CLOSED', retryable: false });
    expect(messages.error).toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(client.status).toMatchObject({ name: 'closed', error: { code: 'CLIENT_CLOSED' } });
    await server.release('s');
    await server.awaitConnections(0);
  });
});

test('close() twice is told once, and resolves when the socket is closed', async () => {
  const server = await startServer();
  const client = clientOf(server);
  await client.query('{ hello }');
  const names = statusNames(client);

  await Promise.all([client.close(), client.close()]);

  expect(names).toEqual(['closed']);
  await server.awaitConnections(0);
});

test('every listener hears the newest status last, also when one of them changes it', async () => {
  const server = await startServer();
  const client = clientOf(server);
  client.on('status', ({ name }) => {
    if (name === 'connecting') void client.close();
  });
  const names = statusNames(client);

  expect(await rejection(client.query('{ hello }'))).toMatchObject({ code: 'CLIENT_CLOSED' });
  expect(names).toEqual(['closed']);
});

test('close() while it waits is told as closed only, and stays so', async () => {
  const server = await startServer();
  const client = clientOf(server, 'graphql-transport-ws', { retryDelayMs: () => 60_000 });
  client.subscribe(ON_MESSAGE, { room: 'red' }).subscribe({});
  await server.awaitSubscribers('onMessage', 'red', 1);
  await server.fault({ name: 'cut' });
  await status(client, 'waiting');
  const names = statusNames(client);
  client.on('status', ({ name }) => {
    if (name === 'idle') client.query('{ hello }').catch(() => undefined);
  });

  await client.close();

  expect(names).toEqual(['closed']);
  await server.awaitConnections(0);
});

test('close() waits for the sockets of earlier connections, too', async () => {
  const server = await startServer();
  const sockets: WebSocketLike[] = [];
  const client = clientOf(server, 'graphql-transport-ws', {
    webSocket: class extends webSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    },
  });
  await client.query('{ hello }');
  await server.fault({ name: 'delay', ms: 50 });

  client.reconnect();
  await client.close();

  expect(Reflect.get(sockets[0] ?? {}, 'readyState')).toBe(3);
});

test('a listener that was given twice is stopped twice', async () => {
  const client = clientOf(await startServer());
  const names: string[] = [];
  const listener = ({ name }: { readonly name: string }): number => names.push(name);
  const stop = client.on('status', listener);
  client.on('status', listener);

  stop();
  await client.query('{ hello }');

  expect(names).toEqual(['connecting', 'open']);
});

test('after close() nothing begins any more', async () => {
  const client = clientOf(await startServer());
  await client.query('{ hello }');
  await client.close();

  expect(await rejection(client.query('{ hello }'))).toMatchObject({ code: 'CLIENT_CLOSED' });
  expect(() => client.reconnect()).toThrow('The client was closed');
  await client.close();
});

test('close() during a dial leaves no connection behind', async () => {
  const server = await startServer();
  let give: (params: object) => void = () => undefined;
  const client = clientOf(server, 'graphql-transport-ws', {
    params: () =>
      new Promise((resolve) => {
        give = () => resolve({});
      }),
  });
  const answer = rejection(client.query('{ hello }'));

  await client.close();
  give({});

  expect(await answer).toMatchObject({ code: 'CLIENT_CLOSED' });
  expect(await server.dials()).toEqual([]);
});

test('a query that finds no connection in time rejects, and is never sent', async () => {
  const server = await startServer();
  await server.fault({ name: 'unreachable' });
  const client = clientOf(server, 'graphql-transport-ws', { queueTimeoutMs: 40 });

  expect(await rejection(client.mutate('mutation { increment(key: "k") }'))).toMatchObject({
    code: 'NOT_CONNECTED',
    retryable: true,
  });

  await server.mend();
  await client.query('{ hello }');
  expect(await server.executions('k')).toBe(0);
});

test('a client that has nothing to do does not dial again', async () => {
  const server = await startServer();
  const client = clientOf(server);
  await client.query('{ hello }');
  const isIdle = status(client, 'idle');

  await server.fault({ name: 'cut' });

  await isIdle;
  expect(await server.dials()).toHaveLength(1);
});

test('a listener that closes the client from within a status ends it cleanly', async () => {
  const server = await startServer();
  const client = clientOf(server);
  let closing: Promise<void> | undefined;
  client.on('status', ({ name }) => {
    if (name === 'open') closing = client.close();
  });

  expect(await rejection(client.query('{ slow(key: "s") }'))).toMatchObject({
    code: 'CLIENT_CLOSED',
  });
  await closing;
  await server.awaitConnections(0);
});

test('a listener can dial anew from within a status', async () => {
  const server = await startServer();
  const client = clientOf(server);
  let hasDialled = false;
  client.on('status', ({ name }) => {
    if (name !== 'open' || hasDialled) return;
    hasDialled = true;
    client.reconnect();
  });
  const subscription = client.subscribe(ON_MESSAGE, { room: 'red' });
  const messages = new Heard(subscription);

  await server.awaitDials(2);
  // The first connection may have subscribed too.
  await subscription.ready;
  await server.broadcast('onMessage', 'red', { room: 'red', text: 'a' });

  expect(await messages.until(1)).toHaveLength(1);
});

test('making a client opens nothing, and needs no WebSocket', async () => {
  const server = await startServer();

  createClient({ url: server.url }).subscribe('subscription { countdown(from: 1) }');

  expect(await server.dials()).toEqual([]);
});

test('a url that is none rejects at once, and is not dialled again', async () => {
  const client = clientOf({ url: 'http://' });

  const error = await rejection(client.query('{ hello }'));

  expect(error).toMatchObject({ code: 'OPTION_INVALID', retryable: false });
  expect(client.status).toMatchObject({ name: 'closed' });
});

test('a url may be a function, an http address, or a URL', async () => {
  const server = await startServer();
  const address = server.url.replace('ws:', 'http:');

  for (const url of [address, new URL(address), async () => address]) {
    const client = clientOf(server, 'graphql-transport-ws', { url });
    expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
  }
});

test('a server that speaks none of the subprotocols is refused', async () => {
  const server = await startServer('subscriptions-transport-ws');
  const client = clientOf(server, 'graphql-transport-ws', { retryAttempts: 3 });

  const error = await rejection(client.query('{ hello }'));

  // Where the platform says no more than that it failed, the client goes on trying.
  const isTold = webSocket !== globalThis.WebSocket;
  expect(error).toMatchObject({ code: isTold ? 'REFUSED' : 'CONNECTION_LOST' });
});
