import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { TcpProxy } from './stage/tcp-proxy.ts';

/** A proxy before a server, with one connection through it. */
async function oneConnection(): Promise<{ proxy: TcpProxy; client: Socket; server: Socket }> {
  const listener = createServer({ allowHalfOpen: true });
  listener.on('connection', (socket) => socket.on('error', () => undefined));
  const proxy = await TcpProxy.listen();
  onTestFinished(async () => {
    await proxy.close();
    listener.close();
  });
  proxy.target = await listen(listener);
  const accepted = once(listener, 'connection');
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  const [server]: Socket[] = await accepted;
  if (server === undefined) throw new Error('Nobody came');
  for (const socket of [client, server]) socket.setEncoding('utf8');
  client.on('error', () => undefined);
  return { proxy, client, server };
}

async function listen(server: Server): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function read(socket: Socket): Promise<string> {
  const [text]: string[] = await once(socket, 'data');
  return text ?? '';
}

/** Resolves when the socket is closed, with whether it was reset. */
function closing(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => void socket.once('close', resolve));
}

test('bytes and the end of a side go through in both directions', async () => {
  const { client, server } = await oneConnection();

  client.end('to the server');
  expect(await read(server)).toBe('to the server');
  await once(server, 'end');
  server.end('to the client');

  expect(await read(client)).toBe('to the client');
  await once(client, 'end');
});

test('all of many bytes arrive at a slow reader', async () => {
  const { client, server } = await oneConnection();
  const text = 'x'.repeat(8_000_000);
  client.pause();

  server.end(text);
  await new Promise((resolve) => setImmediate(resolve));
  let length = 0;
  client.on('data', (part) => {
    length += part.length;
  });
  client.resume();
  await once(client, 'end');

  expect(length).toBe(text.length);
});

test('a reset of one side resets the other', async () => {
  const { client, server } = await oneConnection();
  const reset = closing(server);
  server.resume();

  client.resetAndDestroy();

  expect(await reset).toBe(true);
});

test('a cut counts bytes to the client only, and delivers those before it', async () => {
  const { proxy, client, server } = await oneConnection();
  await proxy.breakDown({ name: 'cut-after', bytes: 5 });
  client.write('any number of bytes');
  await read(server);

  server.write('123');
  expect(await read(client)).toBe('123');
  server.write('456');

  expect(await read(client)).toBe('45');
  await once(client, 'end');
});

test('a half-open connection does not tell the server that the client has gone', async () => {
  const { proxy, client, server } = await oneConnection();
  await proxy.breakDown({ name: 'half-open' });

  client.destroy();
  await closing(client);
  server.write('Anybody there?');

  expect(proxy.connections).toBe(1);
  expect(server.readyState).toBe('open');
});

test('a proxy that closes leaves no connection', async () => {
  const { proxy, client, server } = await oneConnection();
  const closed = Promise.all([closing(client), closing(server)]);
  client.resume();
  server.resume();

  await proxy.close();
  await proxy.close();

  await closed;
  expect(proxy.connections).toBe(0);
});

test('a port that was left can be listened on again', async () => {
  const { proxy } = await oneConnection();
  await proxy.breakDown({ name: 'unreachable' });
  const [refusal] = await once(connect(proxy.port, '127.0.0.1'), 'error');
  expect(refusal.code).toBe('ECONNREFUSED');

  await proxy.mend();

  const client = connect(proxy.port, '127.0.0.1');
  await once(client, 'connect');
  client.destroy();
});
