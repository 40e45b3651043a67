import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { redisEmitter } from '../src/redis.ts';
import { closeAfterTest, redisRooms, said } from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis({ requirepass: 's3cret/word' });
});

afterAll(() => redis.stop());

/** Broadcasts through an emitter, to itself. */
async function expectToWork(options: Parameters<typeof redisEmitter>[0]): Promise<void> {
  const rooms = await redisRooms(closeAfterTest(redisEmitter(options)));
  const red = await rooms.hearRoom('red');
  expect(await rooms.say('red', 'hi')).toEqual({ processes: 1 });
  await red.expectNext(said('hi'));
}

test('an emitter is made of a URL', () => expectToWork({ url: redis.url }));

test('an emitter is made of options, without a URL', () =>
  expectToWork({ options: { port: redis.port, password: 's3cret/word' } }));

test('a URL and options add up', async () => {
  await expectToWork({
    url: `redis://127.0.0.1:${redis.port}/3`,
    options: { port: 1, password: 's3cret/word', connectionName: 'chat', db: 5 },
  });
});

test('what the options say of queues and retries of commands is not taken', async () => {
  await expectToWork({
    url: redis.url,
    options: {
      lazyConnect: true,
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
      maxRetriesPerRequest: null,
      enableReadyCheck: true,
      keyPrefix: 'prefix:',
      stringNumbers: true,
      retryStrategy: undefined as never,
    },
  });
});

test('one emitter serves two apps and an app that listens to topics of its own', async () => {
  const emitter = closeAfterTest(redisEmitter({ url: redis.url }));
  const first = await redisRooms(emitter);
  const second = await redisRooms(emitter);
  const own = vi.fn((_message: object, done: () => void) => done());
  await new Promise<void>((resolve) => void emitter.on('own/#', own, resolve));
  await first.whenHealth('up');
  const heard = [await first.hearRoom('red'), await second.hearRoom('red')];

  emitter.emit({ topic: 'own/topic', payload: 1 });
  expect(await first.say('red', 'hi')).toEqual({ processes: 1 });

  for (const operation of heard) await operation.expectNext(said('hi'));
  await vi.waitFor(() => expect(own).toHaveBeenCalledTimes(1));
});

test('a topic that the app listens to by itself, while Redis is away, is heard when it is back', async () => {
  await using other = await startRedis();
  const emitter = closeAfterTest(redisEmitter({ url: other.url }));
  const rooms = await redisRooms(emitter);
  await rooms.whenHealth('up');
  await other.kill();
  await rooms.whenHealth('down');
  const own = vi.fn((_message: object, done: () => void) => done());
  emitter.on('own', own);

  await other.restart();
  await rooms.whenHealth('up');
  emitter.emit({ topic: 'own', payload: 1 });

  await vi.waitFor(() => expect(own).toHaveBeenCalledTimes(1));
});

test.each([
  ['a URL of something else', { url: 'http://:s3cret@127.0.0.1' }],
  ['a URL with an unescaped password', { url: 'redis://:s3cret#x y@127.0.0.1:x' }],
  ['a URL with an impossible port', { url: 'redis://:s3cret@127.0.0.1:99999' }],
  ['an empty URL', { url: '' }],
  ['a URL in place of options', 'redis://:s3cret@127.0.0.1'],
  ['options that are a URL', { options: 'redis://:s3cret@127.0.0.1' }],
])('%s is refused, and not repeated', (_name, options) => {
  const make = () => redisEmitter(options as never);

  expect(make).toThrow(expect.objectContaining({ code: 'GROUPCAST_ERR_OPTION_INVALID' }));
  try {
    make();
  } catch (error) {
    expect(JSON.stringify(error) + String(error)).not.toContain('s3cret');
  }
});

test('an unknown option is refused', () => {
  expect(() => redisEmitter({ connectionString: redis.url } as never)).toThrow(
    expect.objectContaining({ code: 'GROUPCAST_ERR_OPTION_UNKNOWN' }),
  );
});

test.each([
  ['a wrong password', 'wr0ng'],
  ['no password', ''],
])(
  '%s shows in health and log, without it, and floods neither log nor console',
  async (_name, password) => {
    const console_ = vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => console_.mockRestore());
    const url = `redis://${password === '' ? '' : `:${password}@`}127.0.0.1:${redis.port}`;
    const rooms = await redisRooms(url);
    await vi.waitUntil(() => rooms.app.graphqlWs.health.lastError, { timeout: 5_000 });
    const { health } = rooms.app.graphqlWs;
    const lines = rooms.log.length;
    await vi.waitUntil(() => rooms.app.graphqlWs.health.lastError !== health.lastError, {
      timeout: 5_000,
    });

    expect(health.status).toBe('down');
    expect(health.lastError?.message).toMatch(/WRONGPASS|NOAUTH/);
    expect(JSON.stringify([health.lastError, rooms.log])).not.toContain('wr0ng');
    expect(health.lastError).not.toHaveProperty('command');
    expect(rooms.log.length).toBe(lines);
    expect(console_).not.toHaveBeenCalled();
  },
  20_000,
);

test('a name that has several addresses, none of which answers, has an error with a message', async () => {
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
  const emitter = closeAfterTest(redisEmitter({ options: { host: 'localhost', port } }));
  const rooms = await redisRooms(emitter);

  const error = await vi.waitUntil(() => rooms.app.graphqlWs.health.lastError, { timeout: 5_000 });
  expect(error.message).toContain('ECONNREFUSED');
});
