import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { NotSentError, Outgoing } from '../src/broker/redis/outgoing.ts';
import { expectRecovery, quickEmitter, redisRooms, said } from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { startProxy } from './support/tcp-proxy.ts';

let redis: RedisServer;

beforeEach(async () => {
  redis = await startRedis();
});

afterEach(() => redis.stop());

test('P7 a broadcast tells how many processes heard it', async () => {
  const [first, second] = [await redisRooms(redis.url), await redisRooms(redis.url)];
  expect(await first.say('red', 'nobody')).toEqual({ processes: 0 });

  await first.hearRoom('red');
  expect(await second.say('red', 'one')).toEqual({ processes: 1 });
  await second.hearRoom('red');
  expect(await second.say('red', 'both')).toEqual({ processes: 2 });
});

test('P7 with Redis away a broadcast rejects with a code, within its time', async () => {
  const rooms = await redisRooms(redis.url, { broadcastTimeoutMs: 300 });
  await rooms.whenHealth('up');
  await redis.kill();
  await rooms.whenHealth('down');

  const start = performance.now();
  await expect(rooms.say('red', 'hi')).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_BROADCAST_TIMEOUT',
  });

  expect(performance.now() - start).toBeGreaterThan(290);
  expect(performance.now() - start).toBeLessThan(2_000);
});

test('P7 with Redis frozen a broadcast rejects with a code, within its time', async () => {
  const rooms = await redisRooms(redis.url, { broadcastTimeoutMs: 300 });
  await rooms.whenHealth('up');
  redis.freeze();

  await expect(rooms.say('red', 'hi')).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_BROADCAST_TIMEOUT',
  });
  expect(rooms.app.graphqlWs.health.status).toBe('up');
});

/** How often Redis has refused to publish so far. */
async function refusedPublishes(): Promise<number> {
  const stats = String(await redis.command('INFO', 'commandstats'));
  return Number(/cmdstat_publish:.*rejected_calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

test('P7 who may not publish is told so, without what was to be published, and hears all the same', async () => {
  await redis.command('ACL', 'SETUSER', 'mute', 'on', '>pw', '+@all', '-publish', 'allchannels');
  const rooms = await redisRooms(quickEmitter(redis.url.replace('redis://', 'redis://mute:pw@')));
  const red = await rooms.hearRoom('red');
  await rooms.whenHealth('up');
  const { length } = rooms.told;

  const failure = await rooms.say('red', 's3cret').catch((error: Error) => error);
  expect(failure).toMatchObject({
    code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE',
    message: expect.stringContaining('NOPERM'),
    cause: expect.not.objectContaining({ command: expect.anything() }),
  });
  const other = await redisRooms(redis.url);
  for (let count = 0; count < 3; count += 1) {
    await other.say('red', `${count}`);
    await red.expectNext(said(`${count}`));
  }
  // Several heartbeats, none of which can be sent.
  const before = await refusedPublishes();
  await vi.waitUntil(async () => (await refusedPublishes()) >= before + 5, {
    timeout: 10_000,
    interval: 20,
  });
  await other.say('red', 'still');
  await red.expectNext(said('still'));

  expect(rooms.told.slice(length)).toEqual([]);
});

test('P7 by default that time is five seconds, and nobody need wait for it', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  onTestFinished(() => void process.off('unhandledRejection', unhandled));
  const rooms = await redisRooms(redis.url);
  await rooms.whenHealth('up');
  await redis.kill();

  const start = performance.now();
  void rooms.say('red', 'hi');
  const failure = await vi.waitUntil(
    () => rooms.log.find(({ message }) => message === 'A broadcast failed'),
    { timeout: 10_000 },
  );

  expect(failure.details['err']).toMatchObject({ code: 'GROUPCAST_ERR_BROADCAST_TIMEOUT' });
  expect(performance.now() - start).toBeGreaterThan(4_900);
  expect(unhandled).not.toHaveBeenCalled();
}, 20_000);

test('a bounded number of broadcasts waits for Redis; one more is refused', async () => {
  await using proxy = await startProxy(redis.port);
  const url = `redis://127.0.0.1:${proxy.port}`;
  const rooms = await redisRooms(url, { limits: { pendingBroadcasts: 100 } });
  const red = await rooms.hearRoom('red');
  proxy.refuse();
  proxy.cut();
  await rooms.whenHealth('down');

  const results = Array.from({ length: 105 }, (_, index) => rooms.say('red', `${index}`));
  const refused = await Promise.allSettled(results.slice(100));
  await proxy.accept();
  const taken = await Promise.all(results.slice(0, 100));

  for (const result of refused) {
    expect(result).toMatchObject({ reason: { code: 'GROUPCAST_ERR_TOO_MANY_BROADCASTS' } });
  }
  expect(taken).toEqual(Array(100).fill({ processes: 1 }));
  await expectRecovery(rooms, red);
  for (let index = 0; index < 100; index += 1) await red.expectNext(said(`${index}`));
}, 20_000);

test('what was rejected is never sent, and what still waits keeps its order', async () => {
  await using proxy = await startProxy(redis.port);
  const url = `redis://127.0.0.1:${proxy.port}`;
  const rooms = await redisRooms(url, { broadcastTimeoutMs: 2_000 });
  const witness = await redisRooms(redis.url);
  const red = await witness.hearRoom('red');
  await rooms.whenHealth('up');
  proxy.refuse();
  proxy.cut();
  await rooms.whenHealth('down');

  const late = Array.from({ length: 10 }, (_, index) => rooms.say('red', `late ${index}`));
  for (const { status } of await Promise.allSettled(late)) expect(status).toBe('rejected');
  const inTime = Array.from({ length: 10 }, (_, index) => rooms.say('red', `${index}`));
  await proxy.accept();
  await Promise.all(inTime);

  for (let index = 0; index < 10; index += 1) await red.expectNext(said(`${index}`));
  await witness.say('red', 'end');
  await red.expectNext(said('end'));
}, 20_000);

test('what a dead connection has not taken is sent on the next one, in order and once', async () => {
  await using proxy = await startProxy(redis.port);
  const rooms = await redisRooms(quickEmitter(`redis://127.0.0.1:${proxy.port}`));
  const witness = await redisRooms(redis.url);
  const red = await witness.hearRoom('red');
  await rooms.whenHealth('up');

  proxy.freeze();
  const results = Array.from({ length: 3_000 }, (_, index) => rooms.say('red', `${index}`));
  await rooms.whenHealth('down');
  proxy.thaw({ drop: true });
  const settled = await Promise.allSettled(results);
  await witness.say('red', 'end');

  // Those that were under way may have arrived; that is what their error says.
  const lost = settled.findIndex(({ status }) => status === 'fulfilled');
  expect(lost).toBeLessThanOrEqual(1_000);
  for (const result of settled.slice(0, lost)) {
    expect(result).toMatchObject({ reason: { message: expect.stringContaining('may have been') } });
  }
  const heard: string[] = [];
  while (heard.at(-1) !== 'end') {
    const { data } = await red.next();
    heard.push(String((data as ReturnType<typeof said>).onMessage.text));
  }
  const sent = Array.from({ length: 3_000 - lost }, (_, index) => `${index + lost}`);
  expect(heard.slice(-1 - sent.length)).toEqual([...sent, 'end']);
  expect(new Set(heard).size).toBe(heard.length);
}, 30_000);

test('messages that a connection did not take are put back in their places', async () => {
  let doesTake = false;
  const sent: number[] = [];
  const outgoing = new Outgoing<void>(() => true);
  const results = [1, 2, 3].map((number) =>
    outgoing.add(async () => {
      if (!doesTake) throw new NotSentError(new Error('closed'));
      sent.push(number);
    }, Number.POSITIVE_INFINITY),
  );
  await vi.waitUntil(() => outgoing.waiting === 3);

  doesTake = true;
  outgoing.flush();
  await Promise.all(results);

  expect(sent).toEqual([1, 2, 3]);
  expect(outgoing.isIdle).toBe(true);
});

test('so many at most are under way; the rest can still be forgotten', async () => {
  const answers: (() => void)[] = [];
  const outgoing = new Outgoing<void>(() => true);
  const send = () => new Promise<void>((resolve) => answers.push(resolve));
  const soon = performance.now() + 500;
  const results = Array.from({ length: 1_500 }, () => outgoing.add(send, soon));
  const settled = Promise.allSettled(results);
  expect(outgoing.waiting).toBe(500);

  await vi.waitUntil(() => performance.now() > soon);
  for (const answer of answers.splice(0)) answer();

  const rejected = (await settled).filter(({ status }) => status === 'rejected');
  expect(rejected).toHaveLength(500);
  expect(answers).toHaveLength(0);
});
