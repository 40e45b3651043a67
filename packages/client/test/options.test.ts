import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Client, type ClientOptions, type Continuity, createClient } from '../src/index.ts';

test('a runtime without a WebSocket rejects at once and says what to give', async () => {
  vi.stubGlobal('WebSocket', undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  const client = createClient({ url: 'ws://127.0.0.1:9/graphql' });

  await expect(client.query('{ hello }')).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    retryable: false,
    message: expect.stringContaining('webSocket'),
  });
  expect(client.status.name).toBe('closed');
});

test('making a client needs no WebSocket, and no page that a url is relative to', () => {
  expect(createClient({ url: '/graphql' }).status).toEqual({ name: 'idle' });
});

type Say = (message: object) => void;

/** A server that says what a test says; `said` is what it hears. */
async function scripted(
  script: (said: { type: string; id: string }, say: Say, socket: WebSocket) => void,
) {
  const server = new WebSocketServer({ port: 0, handleProtocols: ([first]) => first ?? false });
  let dials = 0;
  server.on('connection', (socket) => {
    dials += 1;
    const say: Say = (message) => socket.send(JSON.stringify(message));
    socket.on('message', (data) => {
      const said = JSON.parse(String(data));
      if (said.type === 'connection_init') say({ type: 'connection_ack' });
      script(said, say, socket);
    });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = (options: Partial<ClientOptions> = {}): Client => {
    const made = createClient({
      url: `ws://127.0.0.1:${port}`,
      webSocket: WebSocket,
      retryDelayMs: () => 5,
      ...options,
    });
    onTestFinished(() => made.close());
    return made;
  };
  onTestFinished(() => void server.close());
  return { client, dials: () => dials };
}

const next = (id: string, payload: object): object => ({ type: 'next', id, payload });

test('errors of a result reach the loop also when the server has ended the subscription by then', async () => {
  const { client } = await scripted(({ type, id }, say) => {
    if (type !== 'subscribe') return;
    say(next(id, { data: { a: 1 } }));
    say(next(id, { data: null, errors: [{ message: 'boom' }] }));
    say({ type: 'complete', id });
  });
  const heard: unknown[] = [];
  const loop = async (): Promise<void> => {
    for await (const data of client().subscribe('subscription { a }')) {
      heard.push(data);
      // Everything else has come when the next macrotasks have run.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    }
  };

  await expect(loop()).rejects.toThrow('boom');
  expect(heard).toEqual([{ a: 1 }]);
});

test('a client that asks now and then dials a failing server no faster than others', async () => {
  const { client, dials } = await scripted(({ type }, _say, socket) => {
    if (type === 'subscribe') socket.close(1012, 'retry-after=60');
  });
  const asking = client({ queueTimeoutMs: 20 });
  const isOpen = new Promise<void>((resolve) => {
    asking.on('status', ({ name }) => name === 'open' && resolve());
  });
  asking.reconnect();
  await isOpen;

  await expect(asking.query('{ a }')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  for (let round = 0; round < 3; round += 1) {
    await expect(asking.query('{ a }')).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
  }

  expect(dials()).toBe(1);
});

test('whatever a server puts into errors and notices, the client lives', async () => {
  const odd = { toString: 1, valueOf: 1 };
  const { client } = await scripted(({ type, id }, say) => {
    if (type !== 'subscribe') return;
    const extensions = { groupcast: { v: 1, gap: { reason: odd, dropped: 'many' } } };
    say(next(id, { data: null, extensions }));
    say({ type: 'error', id, payload: [{ message: 'no', extensions: { code: odd } }] });
  });
  const told: Continuity[] = [];
  const subscription = client().subscribe(
    'subscription { a }',
    {},
    { onContinuity: (continuity) => told.push(continuity) },
  );

  await expect(subscription[Symbol.asyncIterator]().next()).rejects.toThrow('no');
  expect(told).toEqual([{ state: 'gap', reason: 'unknown' }]);
});

test('gaps without a result in between are told once for each reason, and their drops add up', async () => {
  const { client } = await scripted(({ type, id }, say) => {
    if (type !== 'subscribe') return;
    for (let round = 0; round < 500; round += 1) {
      const gaps = [{ reason: 'queue', dropped: 2 }, { reason: 'broker' }];
      for (const gap of gaps)
        say(next(id, { data: null, extensions: { groupcast: { v: 1, gap } } }));
    }
    say(next(id, { data: { a: 1 } }));
    say({ type: 'complete', id });
  });
  const told: Continuity[] = [];
  const subscription = client().subscribe(
    'subscription { a }',
    {},
    { onContinuity: (continuity) => told.push(continuity) },
  );
  await subscription.ready;

  for await (const data of subscription) expect(data).toEqual({ a: 1 });

  expect(told).toEqual([
    { state: 'gap', reason: 'queue', dropped: 1_000 },
    { state: 'gap', reason: 'broker' },
    { state: 'live', reason: 'subscribed' },
  ]);
});

test.each([
  ['first', [{}, { dropped: 2 }, { dropped: 3 }]],
  ['last', [{ dropped: 2 }, { dropped: 3 }, {}]],
])('a number is told only while all are known: not when the %s is not', async (_which, gaps) => {
  const { client } = await scripted(({ type, id }, say) => {
    if (type !== 'subscribe') return;
    for (const each of gaps) {
      const gap = { reason: 'broker', ...each };
      say(next(id, { data: null, extensions: { groupcast: { v: 1, gap } } }));
    }
    say({ type: 'complete', id });
  });
  const told: Continuity[] = [];
  const onContinuity = (continuity: Continuity) => told.push(continuity);
  const subscription = client().subscribe('subscription { a }', {}, { onContinuity });

  for await (const data of subscription) expect(data).toBe(undefined);

  expect(told).toEqual([{ state: 'gap', reason: 'broker' }]);
});

test('a subscription that the server could not begin at first is told live, and no gap', async () => {
  let refusals = 0;
  const { client } = await scripted(({ type, id }, say) => {
    if (type !== 'subscribe') return;
    refusals += 1;
    const error = { message: 'later', extensions: { code: 'BROKER_UNAVAILABLE' } };
    if (refusals < 3) say({ type: 'error', id, payload: [error] });
    else say(next(id, { data: null, extensions: { groupcast: { v: 1, confirmed: true } } }));
  });
  const told: Continuity[] = [];
  const subscription = client().subscribe(
    'subscription { a }',
    {},
    { onContinuity: (continuity) => told.push(continuity) },
  );
  subscription.subscribe({});

  await subscription.ready;
  await new Promise(setImmediate);

  expect(told).toEqual([{ state: 'live', reason: 'subscribed' }]);
});

test('what is sent again is what was given, whatever became of it', async () => {
  const rooms: unknown[] = [];
  const { client } = await scripted((said, say, socket) => {
    if (said.type !== 'subscribe') return;
    rooms.push(Object(said)['payload']['variables']['room']);
    if (rooms.length === 1) return socket.terminate();
    say(next(said.id, { data: { a: 1 } }));
  });
  const variables = { room: 'red' };
  const subscription = client().subscribe(
    'subscription ($room: String) { a(room: $room) }',
    variables,
  );
  const first = subscription[Symbol.asyncIterator]().next();
  variables.room = 'blue';

  await first;

  expect(rooms).toEqual(['red', 'red']);
});

test('options that are undefined, and waits that are no numbers, are the defaults', async () => {
  const { client } = await scripted(({ type, id }, say) => {
    if (type === 'subscribe') say(next(id, { data: { a: 1 } }));
  });
  // As from JavaScript, or a project without exactOptionalPropertyTypes.
  const absent = Object.fromEntries(
    ['protocols', 'connectTimeoutMs', 'queueTimeoutMs', 'idleCloseMs', 'retryDelayMs'].map(
      (name) => [name, undefined],
    ),
  );

  expect(
    await client({ ...absent, keepAlive: Object({ intervalMs: undefined }) }).query('{ a }'),
  ).toEqual({ a: 1 });
});

test('params that throw what is no error fail the dial only', async () => {
  const { client } = await scripted(({ type, id }, say) => {
    if (type === 'subscribe') say(next(id, { data: { a: 1 } }));
  });
  let asked = 0;
  const odd = client({
    params: () => {
      asked += 1;
      if (asked === 1) throw Object.create(null);
      return {};
    },
  });

  expect(await odd.query('{ a }')).toEqual({ a: 1 });
});

test('params that never come are given up after connectTimeoutMs', async () => {
  const { client } = await scripted(({ type, id }, say) => {
    if (type === 'subscribe') say(next(id, { data: { a: 1 } }));
  });
  let asked = 0;
  const slow = client({
    connectTimeoutMs: 20,
    params: () => {
      asked += 1;
      return asked === 1 ? new Promise(() => undefined) : {};
    },
  });

  expect(await slow.query('{ a }')).toEqual({ a: 1 });
});

/** A client with one subscription, over a timeless socket to a server that only listens. */
async function silence(options: Partial<ClientOptions>) {
  const types: string[] = [];
  const server = new WebSocketServer({ port: 0, handleProtocols: ([first]) => first ?? false });
  const pinged = new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('message', (data) => {
        const { type } = JSON.parse(String(data));
        types.push(type);
        if (type === 'connection_init') {
          socket.send('{"type":"connection_ack","payload":{"user":"ann"}}');
        }
        if (type === 'subscribe') socket.send('{"id":"1","type":"next","payload":{"data":{}}}');
        if (type === 'ping') resolve();
      });
    });
  });
  await once(server, 'listening');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}`;
  const client = createClient({ url, webSocket: WebSocket, ...options });
  const subscription = client.subscribe('subscription { a }');
  await subscription.ready;
  return { client, types, pinged };
}

test('the status of an open connection has the payload of its acknowledgement', async () => {
  const { client } = await silence({});

  expect(client.status).toEqual({ name: 'open', ack: { user: 'ann' } });
  await client.close();
});

test('keepAlive false asks for no sign of life', async () => {
  const { client, types } = await silence({ keepAlive: false });

  vi.advanceTimersByTime(3_600_000);
  expect(client.status.name).toBe('open');
  await client.close();

  expect(types).toEqual(['connection_init', 'subscribe']);
});

test('by default a server that is silent for 12 s is asked, and left 5 s later', async () => {
  const { client, pinged } = await silence({});

  vi.advanceTimersByTime(12_000);
  await pinged;
  vi.advanceTimersByTime(4_999);
  expect(client.status.name).toBe('open');
  vi.advanceTimersByTime(1);

  expect(client.status).toMatchObject({ name: 'waiting', error: { message: 'No sign of life' } });
  await client.close();
  expect(vi.getTimerCount()).toBe(0);
});
