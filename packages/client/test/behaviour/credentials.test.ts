import { describe, expect, test } from 'vitest';
import { ClientError, type DialReason } from '../../src/index.ts';
import { startServer } from '../stage/stage.ts';
import {
  clientOf,
  Heard,
  ON_MESSAGE,
  type OnMessage,
  rejection,
  status,
} from './support/staged-client.ts';

describe.each([
  ['groupcast', 'graphql-transport-ws'],
  ['groupcast', 'graphql-ws'],
  ['graphql-ws', 'graphql-transport-ws'],
  ['subscriptions-transport-ws', 'graphql-ws'],
] as const)('%s over %s', (kind, protocol) => {
  test('params go with each dial', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol, { params: { token: 'abc' } });

    await client.query('{ hello }');
    client.reconnect();
    await client.query('{ hello }');

    expect(await server.params()).toEqual([{ token: 'abc' }, { token: 'abc' }]);
  });

  test('a refusal asks for new params once, with the reason', async () => {
    const server = await startServer(kind);
    await server.refuse({ once: true });
    const reasons: DialReason[] = [];
    const client = clientOf(server, protocol, {
      params: (reason) => {
        reasons.push(reason);
        return { token: `t${reasons.length}` };
      },
    });

    expect(await client.query('{ hello }')).toEqual({ hello: 'world' });

    expect(await server.params()).toEqual([{ token: 't1' }, { token: 't2' }]);
    expect(reasons[1]).toMatchObject({
      attempt: 1,
      error: { code: 'UNAUTHORIZED', closeCode: 4403 },
    });
  });

  test('a second refusal surfaces', async () => {
    const server = await startServer(kind);
    await server.refuse();
    const client = clientOf(server, protocol, { params: async () => ({ token: 'old' }) });
    const messages = new Heard(client.subscribe(ON_MESSAGE, { room: 'red' }));

    const error = await rejection(client.query('{ hello }'));
    await messages.end();

    expect(error).toMatchObject({ code: 'UNAUTHORIZED', closeCode: 4403, retryable: false });
    expect(messages.error).toBe(error);
    expect(client.status).toEqual({ name: 'closed', error });
    expect(await server.dials()).toHaveLength(2);
  });
});

test('params that are no function are not asked for again', async () => {
  const server = await startServer();
  await server.refuse();
  const client = clientOf(server, 'graphql-transport-ws', { params: { token: 'old' } });

  expect(await rejection(client.query('{ hello }'))).toMatchObject({
    code: 'UNAUTHORIZED',
    message: 'Forbidden',
  });
  expect(await server.dials()).toHaveLength(1);
});

test('4401 asks for new params as 4403 does', async () => {
  const server = await startServer('graphql-ws');
  await server.refuse({ code: 4401, once: true });
  const client = clientOf(server, 'graphql-transport-ws', { params: () => ({}) });

  expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
});

test('a connection that expires comes back with new params', async () => {
  const server = await startServer();
  let token = 0;
  const client = clientOf(server, 'graphql-transport-ws', {
    params: () => {
      token += 1;
      return { token };
    },
  });
  const messages = new Heard(client.subscribe<OnMessage>(ON_MESSAGE, { room: 'red' }));
  await server.awaitSubscribers('onMessage', 'red', 1);

  await server.expire();
  await server.awaitDials(2);
  await server.awaitSubscribers('onMessage', 'red', 1);
  await server.broadcast('onMessage', 'red', { room: 'red', text: 'a' });

  expect(await messages.until(1)).toEqual([{ onMessage: { text: 'a' } }]);
  expect(await server.params()).toEqual([{ token: 1 }, { token: 2 }]);
});

test('a connection that was good until it was idle makes earlier refusals forgotten', async () => {
  const server = await startServer();
  await server.refuse({ once: true });
  const reasons: DialReason[] = [];
  const client = clientOf(server, 'graphql-transport-ws', {
    idleCloseMs: 10,
    params: (reason) => {
      reasons.push(reason);
      return {};
    },
  });
  await client.query('{ hello }');
  await status(client, 'idle');
  await server.refuse({ once: true });

  expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
  expect(reasons.map(({ attempt, error }) => [attempt, error?.closeCode])).toEqual([
    [0, undefined],
    [1, 4403],
    [0, undefined],
    [1, 4403],
  ]);
});

test('reconnect() after a refusal dials with what the app knows by then', async () => {
  const server = await startServer();
  await server.refuse();
  const client = clientOf(server, 'graphql-transport-ws', { params: () => ({}) });
  await rejection(client.query('{ hello }'));
  await server.accept();

  client.reconnect();

  expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
});

test('params that fail are asked again, and the status tells why', async () => {
  const server = await startServer();
  let isDown = true;
  const client = clientOf(server, 'graphql-transport-ws', {
    params: async () => {
      if (isDown) throw new Error('No token today');
      return {};
    },
  });
  const answer = client.query('{ hello }');
  const { error } = await status(client, 'waiting');
  isDown = false;

  expect(await answer).toEqual({ hello: 'world' });
  expect(error).toMatchObject({ code: 'CONNECTION_LOST', cause: new Error('No token today') });
});

test('params that fail after a refusal are asked again for the same reason', async () => {
  const server = await startServer();
  await server.refuse({ once: true });
  const reasons: DialReason[] = [];
  const client = clientOf(server, 'graphql-transport-ws', {
    params: async (reason) => {
      reasons.push(reason);
      if (reasons.length === 2) throw new Error('No network');
      return { token: reason.error?.closeCode === 4403 ? 'new' : 'old' };
    },
  });

  expect(await client.query('{ hello }')).toEqual({ hello: 'world' });

  expect(reasons.map(({ error }) => error?.closeCode)).toEqual([undefined, 4403, 4403]);
  expect(await server.params()).toEqual([{ token: 'old' }, { token: 'new' }]);
});

test('a request that runs when the connection expires may be tried again', async () => {
  const server = await startServer();
  const client = clientOf(server, 'graphql-transport-ws', { params: () => ({}) });
  client.subscribe(ON_MESSAGE, { room: 'red' }).subscribe({});
  const slow = rejection(client.query('{ slow(key: "s") }'));
  await server.awaitExecutions('s', 1);

  await server.expire();

  expect(await slow).toMatchObject({ code: 'CONNECTION_LOST', retryable: true, closeCode: 4403 });
  expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
  await server.release('s');
});

test('params that fail for good give up', async () => {
  const server = await startServer();
  let asked = 0;
  const client = clientOf(server, 'graphql-transport-ws', {
    params: () => {
      asked += 1;
      throw new ClientError('UNAUTHORIZED', 'Logged out');
    },
  });

  expect(await rejection(client.query('{ hello }'))).toMatchObject({
    code: 'UNAUTHORIZED',
    message: 'Logged out',
  });
  expect(asked).toBe(1);
  expect(await server.dials()).toEqual([]);
});
