import { expect, onTestFinished, test, vi } from 'vitest';
import { redisRooms, said } from './support/redis-rooms.ts';
import { startRedis } from './support/redis-server.ts';

test('a process that Redis cuts since it reads too slowly is told so, and each client of the gap', async () => {
  await using redis = await startRedis({ 'client-output-buffer-limit': 'pubsub 1mb 0 0' });
  const rooms = await redisRooms(redis.url);
  const publisher = await redisRooms(redis.url);
  const red = await rooms.hearRoom('red');
  await publisher.whenHealth('up');

  const text = 'x'.repeat(10_000);
  await Promise.all(Array.from({ length: 5_000 }, () => publisher.say('red', text)));
  await vi.waitUntil(() => rooms.told.some(({ status }) => status === 'degraded'));
  await rooms.whenHealth('up');

  let heard = 0;
  const gap = await red.until((result) => {
    // With a number, where events that came after the cut have told it.
    if (result.data === null) return true;
    heard += 1;
    return false;
  });
  expect(gap.extensions).toMatchObject({ groupcast: { gap: { reason: 'broker' } } });
  expect(heard).toBeLessThan(5_000);
  // What is left of the burst may still be cut: said until it is heard.
  const saying = setInterval(() => void publisher.say('red', 'after'), 100);
  onTestFinished(() => clearInterval(saying));
  await red.until(({ data }) => JSON.stringify(data) === JSON.stringify(said('after')));
  clearInterval(saying);
  expect(rooms.log.map(({ message }) => message)).toContain('The broker is degraded');
  await rooms.app.close();
  await publisher.app.close();
}, 30_000);
