import { LEGACY, MODERN } from '@groupcast/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { brokerGap } from './support/gap.ts';
import { expectRecovery, type RedisRooms, redisRooms, said } from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { startHearing } from './support/start-rooms.ts';
import { startProxy } from './support/tcp-proxy.ts';

let redis: RedisServer;

beforeEach(async () => {
  redis = await startRedis();
});

afterEach(() => redis.stop());

/** The names of the connections to Redis, by what they have subscribed to. */
async function idOf(connection: 'receiving' | 'sending'): Promise<string> {
  const list = String(await redis.command('CLIENT', 'LIST'));
  const lines = list.split('\n').filter((line) => line !== '' && !line.includes('name=test'));
  const line = lines.find((each) => each.includes(' sub=0 ') === (connection === 'sending'));
  return /id=(\d+)/.exec(line ?? '')?.[1] ?? '';
}

async function loses(rooms: RedisRooms, connection: 'receiving' | 'sending'): Promise<void> {
  const count = rooms.told.length;
  await redis.command('CLIENT', 'KILL', 'ID', await idOf(connection));
  await vi.waitUntil(() => rooms.told.length > count);
}

describe.each([MODERN, LEGACY] as const)('over a socket (%s)', (protocol) => {
  test('after a crash and a restart of Redis all are told of the gap, and hear on', async () => {
    const rooms = await redisRooms(redis.url, {}, { protocol, transport: 'socket' });
    const [red, blue] = [await rooms.hearRoom('red'), await rooms.hearRoom('blue')];
    await rooms.say('red', 'before');
    await red.expectNext(said('before'));

    await redis.kill();
    await rooms.whenHealth('down');
    await redis.restart();
    await expectRecovery(rooms, red, blue);
    await rooms.say('red', 'after');
    await rooms.say('blue', 'after');

    await red.expectNext(said('after'));
    await blue.expectNext(said('after'));
    expect(rooms.app.graphqlWs.stats()).toMatchObject({ emitterListeners: 3, groups: 3 });
  }, 30_000);
});

test('two apps on one emitter are both told, once each', async () => {
  const first = await redisRooms(redis.url);
  const second = await redisRooms(first.emitter);
  const heard = [await first.hearRoom('red'), await second.hearRoom('red')];

  await loses(first, 'receiving');
  for (const operation of heard) await operation.expectResult(brokerGap);
  await Promise.all([first.whenHealth('up'), second.whenHealth('up')]);
  expect(await first.say('red', 'after')).toEqual({ processes: 1 });

  for (const operation of heard) await operation.expectNext(said('after'));
});

test('a lost connection that receives is a gap; one that sends is none', async () => {
  const rooms = await redisRooms(redis.url);
  const red = await rooms.hearRoom('red');

  await loses(rooms, 'sending');
  expect(rooms.app.graphqlWs.health).toMatchObject({ status: 'degraded' });
  await rooms.say('red', 'waited for the connection');
  await red.expectNext(said('waited for the connection'));
  await rooms.whenHealth('up');

  await loses(rooms, 'receiving');
  await red.expectResult(brokerGap);
  await rooms.say('red', 'after');
  await red.expectNext(said('after'));
});

test('a line that is cut, and stays so for a while, is a gap', async () => {
  await using proxy = await startProxy(redis.port);
  const rooms = await redisRooms(`redis://127.0.0.1:${proxy.port}`);
  const red = await rooms.hearRoom('red');

  proxy.refuse();
  proxy.cut();
  await rooms.whenHealth('down');
  await vi.waitUntil(() => rooms.app.graphqlWs.health.lastError?.message.includes('ECONNREFUSED'));
  const late = rooms.hearRoom('blue');
  await proxy.accept();

  await expectRecovery(rooms, red);
  const blue = await late;
  await rooms.say('blue', 'hi');
  await blue.expectNext(said('hi'));
}, 20_000);

test('who joins, leaves and comes back while Redis is away is as if it had been there', async () => {
  await using proxy = await startProxy(redis.port);
  const rooms = await redisRooms(`redis://127.0.0.1:${proxy.port}`);
  const [stays, leaves] = [await rooms.hearRoom('stays'), await rooms.hearRoom('leaves')];
  proxy.refuse();
  proxy.cut();
  await rooms.whenHealth('down');

  leaves.stop();
  const back = rooms.hearRoom('back');
  const client = await rooms.connect();
  const gone = startHearing(client, 'gone');
  await client.fence();
  gone.stop();
  await proxy.accept();
  await expectRecovery(rooms, stays);

  // What nobody is in any more stays joined for some seconds.
  await vi.waitFor(
    async () => {
      expect(await rooms.say('leaves', 'nobody')).toEqual({ processes: 0 });
      expect(await rooms.say('gone', 'nobody')).toEqual({ processes: 0 });
    },
    { timeout: 10_000, interval: 100 },
  );
  expect(await rooms.say('back', 'hi')).toEqual({ processes: 1 });
  await (await back).expectNext(said('hi'));
}, 20_000);

test('a short loss, again and again, leaves everything joined once', async () => {
  const rooms = await redisRooms(redis.url);
  const red = await rooms.hearRoom('red');

  for (let round = 0; round < 5; round += 1) {
    await loses(rooms, 'receiving');
    await red.expectResult(brokerGap);
    await rooms.whenHealth('up');
    expect(await rooms.say('red', `${round}`)).toEqual({ processes: 1 });
    await red.expectNext(said(`${round}`));
  }
}, 20_000);
