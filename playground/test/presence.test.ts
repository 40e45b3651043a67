import { connect, type TestConnection } from '@groupcast/testing';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startRedis } from '../../packages/server-plugin/test/support/redis-server.ts';
import { VISIT_MS } from '../src/server/chat-store.ts';
import { createPlayground } from '../src/server/create-playground.ts';
import { RedisStore } from '../src/server/redis-store.ts';

const ON_PRESENCE = 'subscription { onPresence(room: "kittens") }';

let apps: FastifyInstance[] = [];

afterEach(async () => {
  await Promise.all(apps.map((app) => app.close()));
  apps = [];
});

async function start(redisUrl?: string): Promise<FastifyInstance> {
  const app = await createPlayground({ redisUrl });
  apps.push(app);
  return app;
}

/** Comes to an app and enters the room. */
async function enter(app: FastifyInstance, name: string) {
  const connection: TestConnection = await connect(app, { params: { name } });
  return { connection, presence: connection.start(ON_PRESENCE) };
}

describe.each(['in memory', 'on Redis'])('%s', (where) => {
  async function startTwo(): Promise<readonly [FastifyInstance, FastifyInstance]> {
    if (where === 'in memory') {
      const app = await start();
      return [app, app];
    }
    const redis = await startRedis();
    onTestFinished(() => redis[Symbol.asyncDispose]());
    return [await start(redis.url), await start(redis.url)];
  }

  test('a room is told who comes and who goes, also by another process', async () => {
    const [here, there] = await startTwo();
    const ann = await enter(here, 'Ann');
    await ann.presence.expectNext({ onPresence: ['Ann'] });

    const ben = await enter(there, 'Ben');
    await ben.presence.expectNext({ onPresence: ['Ann', 'Ben'] });
    await vi.waitFor(() => ann.presence.expectNext({ onPresence: ['Ann', 'Ben'] }));
    ben.presence.stop();

    await vi.waitFor(() => ann.presence.expectNext({ onPresence: ['Ann'] }));
  });

  test('who is there twice is named once, until both are gone', async () => {
    const [here, there] = await startTwo();
    const first = await enter(here, 'Ann');
    await first.presence.expectNext({ onPresence: ['Ann'] });
    const second = await enter(there, 'Ann');
    await second.presence.expectNext({ onPresence: ['Ann'] });

    const ben = await enter(here, 'Ben');
    await ben.presence.expectNext({ onPresence: ['Ann', 'Ben'] });
    await first.connection.close();
    await here.graphqlWs.settled();
    await vi.waitFor(() => ben.presence.expectNext({ onPresence: ['Ann', 'Ben'] }));
    await second.connection.close();

    await vi.waitFor(() => ben.presence.expectNext({ onPresence: ['Ben'] }));
  });
});

test('a visit that nobody renews ends by itself', async () => {
  await using redis = await startRedis();
  const store = new RedisStore(redis.url);
  onTestFinished(() => store.close());
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  await store.enter({ id: '1', room: 'kittens', name: 'Ann' });
  expect(await store.visitors('kittens')).toEqual(['Ann']);

  vi.setSystemTime(Date.now() + VISIT_MS + 1);

  expect(await store.visitors('kittens')).toEqual([]);
});
