import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectMany } from './support/many-clients.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { forkServer, forkWorker } from './support/server-process.ts';
import { startProxy, type TcpProxy } from './support/tcp-proxy.ts';

const query = 'subscription { onMessage(rooms: ["red"]) { author room seq } }';

// Processes of their own take seconds to start where others are busy.
vi.setConfig({ testTimeout: 60_000 });

/** A connection that speaks Redis by hand: each `PING` is answered by `+PONG`. */
async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}

async function ping(socket: Socket): Promise<string> {
  socket.write('PING\r\n');
  const [reply]: string[] = await once(socket, 'data');
  return reply ?? '';
}

function closing(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => void socket.once('close', resolve));
}

/** A Redis behind a proxy, and a connection through it that works. */
async function oneLine(): Promise<{ redis: RedisServer; proxy: TcpProxy; socket: Socket }> {
  const redis = await startRedis();
  const proxy = await startProxy(redis.port);
  onTestFinished(async () => {
    await proxy.stop();
    await redis.stop();
  });
  const socket = await dial(proxy.port);
  await ping(socket);
  return { redis, proxy, socket };
}

test('a Redis that is killed is gone, and one that is restarted has its port and nothing else', async () => {
  await using redis = await startRedis();
  const { port } = redis;
  const socket = await dial(port);
  await redis.command('SET', 'name', 'value');
  expect(await redis.command('GET', 'name')).toBe('value');

  const closed = closing(socket.resume());
  await redis.kill();
  await closed;
  await expect(redis.command('PING')).rejects.toThrow('closed');
  await redis.restart();

  expect(redis.port).toBe(port);
  expect(await redis.command('GET', 'name')).toBeNull();
});

test('a frozen Redis answers nobody, and once it is thawed all who have asked', async () => {
  await using redis = await startRedis();
  const socket = await dial(redis.port);

  redis.freeze();
  const replies = [socket, await dial(redis.port)].map(ping);
  const settled = vi.fn();
  for (const reply of replies) void reply.then(settled);
  await using bystander = await startRedis();
  await bystander.command('PING');
  expect(settled).not.toHaveBeenCalled();
  redis.thaw();

  expect(await Promise.all(replies)).toEqual(['+PONG\r\n', '+PONG\r\n']);
});

test('a Redis that is stopped leaves no folder and no listener, also when it is frozen', async () => {
  const redis = await startRedis();
  const reply = await redis.command('CONFIG', 'GET', 'dir');
  const folder = String(Array.isArray(reply) ? reply[1] : '');
  expect(existsSync(folder)).toBe(true);

  redis.freeze();
  await redis.stop();
  await redis.stop();

  expect(existsSync(folder)).toBe(false);
  await expect(dial(redis.port)).rejects.toThrow('ECONNREFUSED');
});

test('a Redis is configured by lines of its file, and a wrong one is told', async () => {
  await using redis = await startRedis({ requirepass: 'a/b' });

  expect(await redis.command('CLIENT', 'LIST')).toContain('name=test');
  expect(await ping(await dial(redis.port))).toContain('NOAUTH');
  await expect(startRedis({ nonsense: '1' })).rejects.toThrow("'nonsense");
});

test('where redis-server is missing, the error says how to get it', async () => {
  vi.stubEnv('PATH', '');
  onTestFinished(() => void vi.unstubAllEnvs());

  await expect(startRedis()).rejects.toThrow('apt-get install redis-server');
});

test('a Redis ends with the process that has started it', async () => {
  const program = `
    import { runnerImport } from 'vite';
    const { module } = await runnerImport(process.argv[1]);
    process.stdout.write(String((await module.startRedis()).port));
  `;
  const support = fileURLToPath(new URL('./support/redis-server.ts', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'groupcast-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const starter = spawn(process.execPath, ['--input-type=module', '-e', program, support], {
    env: { ...process.env, TMPDIR: folder },
  });
  const [port] = await once(starter.stdout, 'data');
  const socket = await dial(Number(port));
  const closed = closing(socket.resume());

  starter.kill('SIGKILL');

  await closed;
});

test('a proxy that is cut resets what is open, and takes the next', async () => {
  const { proxy, socket } = await oneLine();
  expect(proxy.connections).toBe(1);

  const reset = closing(socket);
  proxy.cut();

  expect(await reset).toBe(true);
  expect(await ping(await dial(proxy.port))).toBe('+PONG\r\n');
});

test('a frozen proxy takes connections and passes nothing on until it is thawed', async () => {
  const { redis, proxy, socket } = await oneLine();
  const direct = await dial(redis.port);

  proxy.freeze();
  const replies = [socket, await dial(proxy.port)].map(ping);
  const settled = vi.fn();
  for (const reply of replies) void reply.then(settled);
  for (let count = 0; count < 10; count += 1) await ping(direct);
  expect(settled).not.toHaveBeenCalled();
  expect(await redis.command('INFO', 'clients')).toContain('connected_clients:4');
  proxy.thaw();

  expect(await Promise.all(replies)).toEqual(['+PONG\r\n', '+PONG\r\n']);
});

test('a proxy may drop what was frozen', async () => {
  const { proxy, socket } = await oneLine();
  const reset = closing(socket);

  proxy.freeze();
  proxy.thaw({ drop: true });

  expect(await reset).toBe(true);
  expect(await ping(await dial(proxy.port))).toBe('+PONG\r\n');
});

test('a proxy that refuses keeps what is open, and accepts on its port again', async () => {
  const { proxy, socket } = await oneLine();

  proxy.refuse();
  await expect(dial(proxy.port)).rejects.toThrow('ECONNREFUSED');
  expect(await ping(socket)).toBe('+PONG\r\n');
  await proxy.accept();

  expect(await ping(await dial(proxy.port))).toBe('+PONG\r\n');
});

test('a proxy with a delay is late in both directions', async () => {
  const { proxy, socket } = await oneLine();

  proxy.delay(20);
  const start = performance.now();
  await ping(socket);

  // A timer may be early by a millisecond.
  expect(performance.now() - start).toBeGreaterThan(37);
});

test('two servers and a worker share a Redis, and each message arrives once, in order', async () => {
  await using redis = await startRedis();
  const options = { redisUrl: redis.url };
  const starting = [forkServer(options), forkServer(options), forkWorker(options)] as const;
  await using first = await starting[0];
  await using second = await starting[1];
  await using worker = await starting[2];
  await using near = await connectMany(first.url, { count: 3, query });
  await using far = await connectMany(second.url, { count: 3, query });

  const publishers = [first, second, worker];
  const reports = await Promise.all(
    publishers.map((each) => each.broadcast({ group: 'red', times: 100 })),
  );
  for (const { author } of publishers) {
    await Promise.all([near.hear(author, 'red', 100), far.hear(author, 'red', 100)]);
  }

  expect(reports).toEqual(publishers.map(() => ({ first: 1, last: 100, failures: [] })));
  expect([...near.faults(), ...far.faults()]).toEqual([]);
  expect([...near.clients, ...far.clients].map(({ count }) => count)).toEqual(Array(6).fill(300));
  expect(await second.stats()).toMatchObject({ connections: 3, operations: 3 });
  for (const each of publishers) {
    expect(await each.close()).toEqual({ code: 0, signal: null, stderr: '' });
  }
});

test('clients tell what is missing, and what comes twice or too late', async () => {
  await using redis = await startRedis();
  const redisUrl = redis.url;
  await using server = await forkServer({ redisUrl, author: 'twin' });
  await using twin = await forkWorker({ redisUrl, author: 'twin' });
  await twin.broadcast({ group: 'red', times: 4 });
  await using clients = await connectMany(server.url, { count: 2, query });

  await server.broadcast({ group: 'red' });
  await twin.broadcast({ group: 'red' });
  await server.broadcast({ group: 'red' });
  await clients.every((client) => client.count === 3);

  const [client] = clients.clients;
  expect(client?.heard('twin', 'red')).toMatchObject({
    first: 1,
    last: 5,
    missed: [{ from: 2, to: 4, wasTold: false }],
    repeated: [2],
  });
  expect(clients.faults()).toHaveLength(4);
});

test('a server is steered: it ends subscriptions, closes connections by tag, and is killed', async () => {
  await using redis = await startRedis();
  await using server = await forkServer({ redisUrl: redis.url, logLevel: 'info' });
  await using red = await connectMany(server.url, { count: 2, query, params: { tags: ['red'] } });
  await using blue = await connectMany(server.url, { count: 2, query });

  await server.disconnect({ tag: 'red' });
  await red.every(({ closeCode }) => closeCode === 4403);
  await server.unsubscribe({ group: 'red' });
  await blue.every(({ ending }) => ending === 'complete');
  await server.settled();
  expect(await server.kill()).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect(server.log.map(({ msg }) => msg).join()).toContain('Server listening');

  await blue.every(({ closeCode }) => closeCode === 1006);
  await expect(server.stats()).rejects.toThrow('has ended with SIGKILL');
});

test('a process that fails says why', async () => {
  const emitterModule =
    'data:text/javascript,export const createEmitter = async () => { throw new Error("no emitter") }';

  await expect(forkServer({ redisUrl: '', emitterModule })).rejects.toThrow('no emitter');
});
