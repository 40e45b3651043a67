import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { expect, test } from 'vitest';

import { MemorySocket } from '../src/memory-socket.ts';

const addresses = { clientAddress: '192.0.2.1', serverAddress: '127.0.0.1' };

/** All that arrives up to the end; unlike an async iterator it does not destroy the socket then. */
async function readAll(socket: MemorySocket): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  socket.on('data', (piece) => pieces.push(piece));
  await once(socket, 'end');
  return Buffer.concat(pieces);
}

/** One full turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

test('each end knows its own address and that of the other', () => {
  const [client, server] = MemorySocket.pair(addresses);

  expect(server.remoteAddress).toBe('192.0.2.1');
  expect(server.address()).toEqual({ address: '127.0.0.1', family: 'IPv4', port: 80 });
  expect([client.localPort, client.remotePort]).toEqual([server.remotePort, server.localPort]);
});

test('what is written in one turn arrives in one piece, in a later turn', async () => {
  const [client, server] = MemorySocket.pair(addresses);
  const pieces: string[] = [];
  server.on('data', (piece) => pieces.push(String(piece)));

  client.write('a');
  client.write('b');
  client.cork();
  client.write('c');
  client.write('d');
  client.uncork();
  expect(pieces).toEqual([]);
  await turn();

  expect(pieces).toEqual(['abcd']);
});

test('bytes are counted as those of a real socket', async () => {
  const [client, server] = MemorySocket.pair(addresses);

  client.write(Buffer.alloc(100_000));
  client.write(Buffer.alloc(50_000));
  expect(client.bytesWritten).toBe(150_000);
  server.resume();
  client.end();
  await once(server, 'end');

  expect(server.bytesRead).toBe(150_000);
  expect(client.bytesWritten).toBe(150_000);
});

test('a writer waits for a reader that is slow', async () => {
  const [client, server] = MemorySocket.pair(addresses);
  let written = 0;
  const chunk = Buffer.alloc(16_384);

  for (let count = 0; count < 64; count += 1) client.write(chunk, () => (written += chunk.length));
  await turn();
  const writtenUnread = written;
  const isBlocked = client.writableNeedDrain;
  client.end();
  const all = await readAll(server);

  expect(isBlocked).toBe(true);
  expect(writtenUnread).toBeLessThan(200_000);
  expect(all).toHaveLength(64 * chunk.length);
  expect(written).toBe(all.length);
});

test('destroy() reaches the other end after all that was written', async () => {
  const [client, server] = MemorySocket.pair(addresses);

  server.write('first');
  server.write('last');
  server.destroy();

  expect(String(await readAll(client))).toBe('firstlast');
});

test('who writes to an end that is gone gets EPIPE', async () => {
  const [client, server] = MemorySocket.pair(addresses);
  server.destroy();
  await turn();

  client.write('hello?');

  const [error] = await once(client, 'error');
  expect(error).toMatchObject({ code: 'EPIPE' });
});

test('who waits for a reader that goes away gets EPIPE', async () => {
  const [client, server] = MemorySocket.pair(addresses);
  const failed = once(client, 'error');
  client.write(Buffer.alloc(1_000_000));
  await turn();

  server.destroy();

  expect((await failed)[0]).toMatchObject({ code: 'EPIPE' });
});

test('end() lets the other end go on writing', async () => {
  const [client, server] = MemorySocket.pair(addresses);
  client.end('question');
  expect(String(await readAll(server))).toBe('question');

  server.end('answer');

  expect(String(await readAll(client))).toBe('answer');
});

test('destroySoon() writes what is left first', async () => {
  const [client, server] = MemorySocket.pair(addresses);

  server.write('bye');
  server.destroySoon();

  expect(String(await readAll(client))).toBe('bye');
  expect(server.destroyed).toBe(true);
});

test("the writer's async context is not seen by the reader", async () => {
  const user = new AsyncLocalStorage<string>();
  const [client, server] = MemorySocket.pair(addresses);
  const seen: (string | undefined)[] = [];
  server.on('data', () => seen.push(user.getStore()));

  user.run('alice', () => client.write('a'));
  await turn();

  expect(seen).toEqual([undefined]);
});
