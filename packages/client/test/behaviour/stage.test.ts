import { expect, test } from 'vitest';
import { RawClient } from '../stage/raw-client.ts';
import { pairings, type StagedServer, startServer } from '../stage/stage.ts';

const MODERN = 'graphql-transport-ws';

/** A server, and a client that hears the room `red` by the operation `m`. */
async function heardRoom(): Promise<{ server: StagedServer; client: RawClient }> {
  const server = await startServer();
  return { server, client: await hearRoom(server) };
}

async function hearRoom(server: StagedServer): Promise<RawClient> {
  await server.awaitSubscribers('onMessage', 'red', 0);
  const client = await RawClient.connect(server.url, MODERN);
  client.start('m', 'subscription { onMessage(room: "red") { text } }');
  await server.awaitSubscribers('onMessage', 'red', 1);
  return client;
}

async function say(server: StagedServer, text: string): Promise<void> {
  await server.broadcast('onMessage', 'red', { room: 'red', text });
}

/** The first event of the client: a message, or its end. */
async function firstEvent(client: RawClient): Promise<string> {
  return Promise.race([
    client.nextData('m').then((data) => JSON.stringify(data)),
    client.closed.then(({ code }) => `closed with ${code}`),
  ]);
}

const heard = (text: string): string => JSON.stringify({ onMessage: { text } });

test.each(pairings)('%s acknowledges and delivers over %s', async (kind, protocol) => {
  const server = await startServer(kind);
  const client = await RawClient.connect(server.url, protocol, { token: 'abc' });

  client.start('m', 'subscription { onMessage(room: "red") { room text author } }');
  await server.awaitSubscribers('onMessage', 'red', 1);
  await server.broadcast('onMessage', 'blue', { room: 'blue', text: 'no' });
  await server.broadcast('onMessage', 'red', { room: 'red', text: 'yes' });

  expect(await client.nextData('m')).toEqual({
    onMessage: { room: 'red', text: 'yes', author: null },
  });
  expect(await server.params()).toEqual([{ token: 'abc' }]);
  expect(await server.connections()).toBe(1);
  client.close();
  await server.awaitSubscribers('onMessage', 'red', 0);
  await server.awaitConnections(0);
});

test.each(pairings)('%s answers queries and mutations over %s', async (kind, protocol) => {
  const server = await startServer(kind);
  const client = await RawClient.connect(server.url, protocol);
  const run = async (id: string, query: string) => {
    client.start(id, query);
    const data = await client.nextData(id);
    expect(await client.next()).toMatchObject({ type: 'complete', id });
    return data;
  };

  expect(await run('h', '{ hello echo(value: "a") }')).toEqual({ hello: 'world', echo: 'a' });
  expect(await run('i', 'mutation { increment(key: "k") }')).toEqual({ increment: 1 });
  expect(await run('j', 'mutation { increment(key: "k") }')).toEqual({ increment: 2 });
  expect(await run('c', '{ count }')).toEqual({ count: 2 });
  expect(await server.executions('k')).toBe(2);
  client.start('s', 'mutation { slowIncrement(key: "s") }');
  await server.awaitExecutions('s', 1);
  await server.release('s');
  expect(await client.nextData('s')).toEqual({ slowIncrement: 1 });
});

test.each(pairings)('%s runs plain sources over %s', async (kind, protocol) => {
  const server = await startServer(kind);
  const client = await RawClient.connect(server.url, protocol);

  client.start('c', 'subscription { countdown(from: 2) }');
  expect(await client.nextData('c')).toEqual({ countdown: 2 });
  expect(await client.nextData('c')).toEqual({ countdown: 1 });
  expect(await client.next()).toMatchObject({ type: 'complete', id: 'c' });
  client.start('f', 'subscription { failing }');
  expect(await client.nextData('f')).toEqual({ failing: 'first' });
});

test.each(pairings)('%s refuses over %s, and accepts again', async (kind, protocol) => {
  const server = await startServer(kind);
  await server.refuse({ once: true });

  const refused = new RawClient(server.url, protocol);
  await refused.opened;
  refused.send({ type: 'connection_init' });
  await refused.closed;
  const accepted = await RawClient.connect(server.url, protocol);

  expect(refused.messages.map(({ type }) => type)).not.toContain('connection_ack');
  expect(accepted.messages.map(({ type }) => type)).toContain('connection_ack');
});

test.each(['groupcast', 'graphql-ws'] as const)(
  '%s refuses with the code that is asked for',
  async (kind) => {
    const server = await startServer(kind);
    for (const code of [4401, 4403] as const) {
      await server.refuse({ code });
      const client = new RawClient(server.url, MODERN);
      await client.opened;
      client.send({ type: 'connection_init' });
      expect(await client.closed).toMatchObject({ code });
    }
  },
);

test.each(pairings)('%s closes all with a code over %s', async (kind, protocol) => {
  const server = await startServer(kind);
  const first = await RawClient.connect(server.url, protocol);
  await server.expire();
  expect(await first.closed).toEqual({ code: 4403, reason: 'Forbidden' });

  const second = await RawClient.connect(server.url, protocol);
  await server.closeAll(4321, 'Enough');
  expect(await second.closed).toEqual({ code: 4321, reason: 'Enough' });
});

test.each(pairings)('%s restarts behind the same address over %s', async (kind, protocol) => {
  const server = await startServer(kind);
  const before = await RawClient.connect(server.url, protocol);
  before.start('i', 'mutation { increment(key: "k") }');
  await before.nextData('i');

  await server.restart();
  await before.closed;
  const after = await RawClient.connect(server.url, protocol);
  after.start('c', '{ count }');

  expect(await after.nextData('c')).toEqual({ count: 1 });
  expect(await server.dials()).toHaveLength(2);
});

test('a stopped server cannot be reached until it is restarted', async () => {
  const server = await startServer();
  await server.stop();

  expect(await new RawClient(server.url, MODERN).closed).toMatchObject({ code: 1006 });
  await server.restart();
  await RawClient.connect(server.url, MODERN);
});

test('a restarted server shuts down gracefully', async () => {
  const { server, client } = await heardRoom();

  await server.restart();

  expect(await client.closed).toMatchObject({ code: 1012 });
});

test('options of the plugin are taken, and wrong ones are told', async () => {
  const server = await startServer('groupcast', { confirmSubscriptions: true });
  const client = await RawClient.connect(server.url, MODERN);
  client.start('m', 'subscription { onMessage(room: "red") { text } }');

  expect(await client.next()).toMatchObject({ type: 'next', payload: { data: null } });
  await expect(startServer('groupcast', { keepalive: false })).rejects.toThrow('keepalive');
});

test('operations that run are counted', async () => {
  const { server, client } = await heardRoom();
  client.start('q', '{ slow(key: "s") }');

  await server.awaitOperations(2);
  await server.release('s');
  await server.awaitOperations(1);
});

test('a cut ends open connections, and new ones work', async () => {
  const { server, client } = await heardRoom();

  await server.fault({ name: 'cut' });

  expect(await client.closed).toMatchObject({ code: 1006 });
  await hearRoom(server);
});

test('a cut in the middle of a frame loses that frame', async () => {
  const { server, client } = await heardRoom();
  await server.fault({ name: 'cut-after', bytes: 10, once: true });

  await say(server, 'lost');

  expect(await firstEvent(client)).toBe('closed with 1006');
  const next = await hearRoom(server);
  await say(server, 'found');
  expect(await firstEvent(next)).toBe(heard('found'));
});

test('a cut in the middle of the handshake lets no connection open until it is mended', async () => {
  const server = await startServer();
  await server.fault({ name: 'cut-after', bytes: 20 });

  expect(await new RawClient(server.url, MODERN).closed).toMatchObject({ code: 1006 });
  expect(await new RawClient(server.url, MODERN).closed).toMatchObject({ code: 1006 });
  await server.mend();
  await RawClient.connect(server.url, MODERN);
});

test('a half-open connection stays open and hears nothing, even when the line is mended', async () => {
  const { server, client } = await heardRoom();
  await server.fault({ name: 'half-open' });
  await say(server, 'lost');
  client.send({ type: 'ping' });

  await server.mend();
  const other = await RawClient.connect(server.url, MODERN);
  other.start('m', 'subscription { onMessage(room: "red") { text } }');
  await server.awaitSubscribers('onMessage', 'red', 2);
  await say(server, 'heard');

  expect(await firstEvent(other)).toBe(heard('heard'));
  expect(client.messages.map(({ type }) => type)).toEqual(['connection_ack']);
  expect(await Promise.race([client.closed, server.connections()])).toBe(2);
});

test('a half-open line takes connections that never open', async () => {
  const server = await startServer();
  await server.fault({ name: 'half-open' });
  const client = new RawClient(server.url, MODERN);
  await server.awaitDials(1);

  await server.mend();

  expect(await Promise.race([client.opened, client.closed, server.connections()])).toBe(0);
});

test('a stalled line holds everything back until it is mended', async () => {
  const { server, client } = await heardRoom();
  await server.fault({ name: 'stall' });
  await say(server, 'late');
  const first = firstEvent(client);
  expect(await Promise.race([first, server.subscribers('onMessage', 'red')])).toBe(1);

  await server.mend();

  expect(await first).toBe(heard('late'));
});

test('a delayed line delivers later, in order', async () => {
  const { server, client } = await heardRoom();
  await server.fault({ name: 'delay', ms: 60 });

  const before = performance.now();
  await say(server, 'a');
  await say(server, 'b');

  expect(await client.nextData('m')).toEqual({ onMessage: { text: 'a' } });
  expect(performance.now() - before).toBeGreaterThan(55);
  expect(await client.nextData('m')).toEqual({ onMessage: { text: 'b' } });
});

test.each(['refuse', 'unreachable'] as const)(
  'while the fault "%s" holds nobody can connect, and open connections go on',
  async (name) => {
    const { server, client } = await heardRoom();
    await server.fault({ name });

    expect(await new RawClient(server.url, MODERN).closed).toMatchObject({ code: 1006 });
    await say(server, 'still here');
    expect(await firstEvent(client)).toBe(heard('still here'));
    expect(await server.dials()).toHaveLength(name === 'refuse' ? 2 : 1);

    await server.mend();
    await RawClient.connect(server.url, MODERN);
  },
);

test('a server that has ended can be asked nothing more', async () => {
  const server = await startServer();
  await server.end();

  expect(await server.connections()).toBe(0);
  await expect(server.broadcast('onMessage', 'red', {})).rejects.toThrow('stopped');
});
