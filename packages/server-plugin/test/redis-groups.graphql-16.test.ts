import { expect, test, vi } from 'vitest';
import { redisRooms, said } from './support/redis-rooms.ts';
import { startRedis } from './support/redis-server.ts';

/** How often Redis was asked to subscribe and to unsubscribe. */
function commandCounts(stats: unknown): number[] {
  return ['subscribe', 'unsubscribe'].map((name) =>
    Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(String(stats))?.[1] ?? 0),
  );
}

const hearRed = 'subscription { onMessage(rooms: ["red"]) { text } }';

test('subscribers who come back within seconds cost Redis nothing, and hear at once', async () => {
  await using redis = await startRedis();
  const rooms = await redisRooms(redis.url);
  const client = await rooms.connect();
  const first = await client.subscribe(hearRed);
  const before = commandCounts(await redis.command('INFO', 'commandstats'));

  first.stop();
  for (let n = 0; n < 20; n += 1) {
    const again = await client.subscribe(hearRed);
    await rooms.say('red', `${n}`);
    await again.expectNext(said(`${n}`));
    again.stop();
  }
  await client.fence();

  expect(commandCounts(await redis.command('INFO', 'commandstats'))).toEqual(before);
  expect(rooms.app.graphqlWs.stats()).toMatchObject({ members: 0, emitterListeners: 0 });
});

test('a group that nobody came back to is left after a few seconds', async () => {
  await using redis = await startRedis();
  const rooms = await redisRooms(redis.url);
  const client = await rooms.connect();
  const messages = await client.subscribe(hearRed);
  const channels = () => redis.command('PUBSUB', 'CHANNELS', 'groupcast:g:*');
  expect(await channels()).toEqual(['groupcast:g:onMessage:red']);

  messages.stop();

  await vi.waitFor(async () => expect(await channels()).toEqual([]), {
    timeout: 15_000,
    interval: 200,
  });
}, 30_000);

test('subscriptions that are given up while Redis is away leave no groups behind', async () => {
  await using redis = await startRedis();
  const rooms = await redisRooms(redis.url);
  await rooms.whenHealth('up');
  await redis.kill();
  await rooms.whenHealth('down');
  const client = await rooms.connect();

  for (let n = 0; n < 1_000; n += 1) {
    client.start(`subscription { onMessage(rooms: ["${n}"]) { text } }`).stop();
  }
  await client.fence();
  await rooms.app.graphqlWs.settled();

  expect(rooms.app.graphqlWs.stats()).toMatchObject({ operations: 0, groups: 0, members: 0 });
});

test('who joins a group that was given up by others a moment ago is live once Redis is back', async () => {
  await using redis = await startRedis();
  const rooms = await redisRooms(redis.url);
  await rooms.whenHealth('up');
  await redis.kill();
  await rooms.whenHealth('down');
  const client = await rooms.connect({ timeoutMs: 20_000 });
  for (let n = 0; n < 10; n += 1) client.start(hearRed).stop();
  const messages = client.subscribe(hearRed);
  await client.fence();

  await redis.restart();
  const live = await messages;
  await rooms.say('red', 'hi');

  await live.expectNext(said('hi'));
}, 30_000);
