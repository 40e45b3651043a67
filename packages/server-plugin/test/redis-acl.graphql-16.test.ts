import { afterAll, beforeAll, expect, test } from 'vitest';
import { redisRooms, said } from './support/redis-rooms.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';

/** The rights that docs/deployment.md asks for, for the namespace `shop`. */
const rights = [
  '&shop:*',
  '&groupcast-heartbeat:*',
  '+subscribe',
  '+unsubscribe',
  '+publish',
  '+ping',
  '+info',
  '+quit',
];

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

/** A user who begins with no rights; resolves with a URL of theirs. */
async function addUser(name: string, ...given: readonly string[]): Promise<string> {
  await redis.command('ACL', 'SETUSER', name, 'reset', 'on', '>s3cret/#word', ...given);
  return redis.url.replace('redis://', `redis://${name}:${encodeURIComponent('s3cret/#word')}@`);
}

/** What Redis has refused; but ioredis may say its name to a Redis that is new enough to be asked. */
async function refusals(): Promise<readonly string[]> {
  const entries: unknown = await redis.command('ACL', 'LOG');
  const texts = Array.isArray(entries) ? entries.map((entry) => JSON.stringify(entry)) : [];
  return texts.filter((text) => !text.includes('client|setinfo'));
}

test('a user with the documented rights, whose password is percent-encoded, is refused nothing', async () => {
  const rooms = await redisRooms(await addUser('shop', ...rights), { namespace: 'shop' });
  await rooms.whenHealth('up');
  const red = await rooms.hearRoom('red');
  expect(await rooms.say('red', 'hi')).toEqual({ processes: 1 });
  await red.expectNext(said('hi'));
  await rooms.app.graphqlWs.unsubscribe(rooms.onMessage, { group: 'red' });
  await red.expectComplete();
  await rooms.app.close();

  expect(await refusals()).toEqual([]);
});

test('an app of another namespace is refused its groups', async () => {
  const rooms = await redisRooms(await addUser('other', ...rights), { namespace: 'other' });
  const red = await rooms.hearRoom('red');

  await red.expectError('could not be joined');
  await expect(rooms.say('red', 'hi')).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE',
    message: expect.stringContaining('NOPERM'),
  });
  expect(await refusals()).not.toEqual([]);
});
