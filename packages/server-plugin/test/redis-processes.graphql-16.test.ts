import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { codeBlocks } from '../../../test/support/code-blocks.ts';
import { connectMany, type ManyClients } from './support/many-clients.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import {
  forkServer,
  forkWorker,
  type ServerProcess,
  type WorkerProcess,
} from './support/server-process.ts';

const query = 'subscription { onMessage(rooms: ["red"]) { author room seq } }';
const run = promisify(execFile);

// Processes of their own take seconds to start where others are busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let redis: RedisServer;
let servers: readonly ServerProcess[];
let worker: WorkerProcess;

beforeAll(async () => {
  redis = await startRedis();
  const options = { redisUrl: redis.url };
  const starting = [forkServer(options), forkServer(options), forkServer(options)];
  [servers, worker] = await Promise.all([Promise.all(starting), forkWorker(options)]);
});

afterAll(async () => {
  const ends = await Promise.all([...servers, worker].map((each) => each.close()));
  await redis.stop();
  expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null, stderr: '' })));
});

/** Clients of each server, whose subscriptions are live. */
async function crowds(count: number, params: object = {}): Promise<readonly ManyClients[]> {
  const all = await Promise.all(
    servers.map(({ url }) => connectMany(url, { count, query, params })),
  );
  onTestFinished(async () => {
    await Promise.all(all.map((each) => each.close()));
  });
  return all;
}

test('1,500 clients of 3 processes get each broadcast of all processes and a worker once, in order', async () => {
  const publishers = [...servers, worker];
  const everybody = await crowds(500);

  const reports = await Promise.all(
    publishers.flatMap((each) => [
      each.broadcast({ group: 'red', times: 10 }),
      each.broadcast({ times: 5 }),
      each.broadcast({ group: 'blue', times: 5 }),
      each.broadcast({ group: 'red', times: 5 }),
    ]),
  );
  await Promise.all(
    publishers.flatMap(({ author }) =>
      everybody.flatMap((crowd) => [crowd.hear(author, 'red', 15), crowd.hear(author, null, 5)]),
    ),
  );

  expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
  const clients = everybody.flatMap((crowd) => crowd.clients);
  expect(everybody.flatMap((crowd) => crowd.faults())).toEqual([]);
  expect(clients.map(({ count }) => count)).toEqual(Array(1_500).fill(publishers.length * 20));
  for (const { author } of publishers) {
    const firsts = clients.map((client) => client.heard(author, 'red')?.first);
    expect(new Set(firsts)).toEqual(new Set([1]));
  }
  expect(clients.flatMap(({ gaps }) => gaps)).toEqual([]);
});

test('unsubscribe() for a group in one process ends its subscriptions in all, and no others', async () => {
  const red = await crowds(3);
  const [server] = servers;
  const blueQuery = query.replace('red', 'blue');
  const blue = await connectMany(servers[2]?.url ?? '', { count: 3, query: blueQuery });
  onTestFinished(() => blue.close());

  await server?.unsubscribe({ group: 'red' });
  await Promise.all(red.map((crowd) => crowd.every(({ ending }) => ending === 'complete')));
  await worker.broadcast({ group: 'blue' });

  await blue.every(({ count }) => count === 1);
  expect(blue.clients.map(({ ending }) => ending)).toEqual([undefined, undefined, undefined]);
  expect(red.flatMap(({ clients }) => clients).map(({ closeCode }) => closeCode)).toEqual(
    Array(9).fill(undefined),
  );
});

test('disconnect() by a tag in one process closes its connections in all, and no others', async () => {
  const guests = await crowds(2, { tags: ['guest'] });
  const members = await crowds(2, { tags: ['member'] });

  await servers[1]?.disconnect({ tag: 'guest', code: 4403, reason: 'Guests go home' });
  await Promise.all(guests.map((crowd) => crowd.every(({ closeCode }) => closeCode === 4403)));
  const { last } = await worker.broadcast({ group: 'red' });

  await Promise.all(members.map((crowd) => crowd.hear(worker.author, 'red', last)));
  const codes = members.flatMap(({ clients }) => clients).map(({ closeCode }) => closeCode);
  expect(codes).toEqual(Array(6).fill(undefined));
});

/** How the document publishes in a language, on the Redis of this test. */
function fromDocument(language: string): string {
  const block = codeBlocks('docs/broker-envelope.md').find(
    (each) => each.language === language && each.text.includes('groupcast:g:onMessage:red'),
  );
  expect(block?.text).toContain('6379');
  return block?.text.replace('6379', String(redis.port)) ?? '';
}

/** Each client has heard what the document says, and nothing else. */
async function expectHeard(everybody: readonly ManyClients[], author: string): Promise<void> {
  await Promise.all(everybody.map((crowd) => crowd.every(({ count }) => count === 1)));
  for (const client of everybody.flatMap(({ clients }) => clients)) {
    expect(client.heard(author, null)).toMatchObject({ first: 1, count: 1 });
    expect(client.faults()).toEqual([]);
  }
}

test('a shell publishes to the clients of all processes by one command', async () => {
  const everybody = await crowds(2);

  const { stdout } = await run('sh', ['-c', fromDocument('sh')]);

  expect(stdout).toBe(`${servers.length}\n`);
  await expectHeard(everybody, 'backup');
});

/** The part of redis-py that is needed, for machines that have Python alone. */
const standIn = `
import socket
class Redis:
    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port))
    def publish(self, channel, message):
        parts = [part.encode() for part in ('PUBLISH', channel, message)]
        lines = b''.join(b'$%d\\r\\n%s\\r\\n' % (len(part), part) for part in parts)
        self.socket.sendall(b'*3\\r\\n' + lines)
        return self.socket.recv(100)
`;

const hasPython = spawnSync('python3', ['--version']).status === 0;

test.runIf(hasPython)('so does Python', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'groupcast-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'redis.py'), standIn);
  const everybody = await crowds(2);

  await run('python3', ['-c', fromDocument('python')], {
    env: { ...process.env, PYTHONPATH: folder },
  });

  await expectHeard(everybody, 'backup');
});
