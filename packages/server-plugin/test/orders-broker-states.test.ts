import { MODERN } from '@groupcast/protocol';
import { expectNoLeaks } from '@groupcast/testing';
import { expect, test, vi } from 'vitest';
import { HeldEmitter } from './support/held-emitter.ts';
import { hear, startRooms } from './support/start-rooms.ts';
import { as, tagged } from './support/tagged.ts';

const memory = { protocol: MODERN, transport: 'memory' } as const;
const down = new Error('connection refused');

/** The warnings about orders of other processes, in their order. */
function warnings(log: readonly { level: string; message: string }[]): string[] {
  return log
    .filter(({ level, message }) => level === 'warn' && message.startsWith('Orders of'))
    .map(({ message }) => message);
}

const missed = 'Orders of other processes are missed until the broker is up';
const arriving = 'Orders of other processes arrive';

test.each(['callback', 'throw'] as const)(
  'E4 E5 a broker that fails by %s rejects; what is here has ended all the same',
  async (way) => {
    const emitter = new HeldEmitter();
    const { app, connect } = await startRooms(memory, {}, { emitter, ...tagged });
    const client = await connect(as('ann'));
    const messages = await hear(client, 'red');
    emitter.fail('emit', down, { way });
    const ordered = app.graphqlWs.unsubscribe('onMessage', { group: 'red' });
    await messages.expectComplete();
    await expect(ordered).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE',
      cause: down,
    });
    const closed = app.graphqlWs.disconnect({ tag: 'ann' });
    await client.expectClose(4403);

    await expect(closed).rejects.toMatchObject({ code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE' });
  },
);

test('E4 E5 a broker that never answers rejects in bounded time, and leaves nothing behind', async () => {
  const emitter = new HeldEmitter();
  const options = { emitter, broadcastTimeoutMs: 20, closeTimeoutMs: 20 };
  const { app, connect } = await startRooms(memory, {}, { ...options, ...tagged });
  const client = await connect(as('ann'));
  const messages = await hear(client, 'red');
  emitter.fail('emit', down, { way: 'silence' });
  const ordered = app.graphqlWs.unsubscribe('onMessage');
  await messages.expectComplete();
  await expect(ordered).rejects.toMatchObject({ code: 'GROUPCAST_ERR_BROADCAST_TIMEOUT' });
  const closed = app.graphqlWs.disconnect({ tag: 'ann' });
  await client.expectClose(4403);
  await expect(closed).rejects.toMatchObject({ code: 'GROUPCAST_ERR_BROADCAST_TIMEOUT' });

  await expectNoLeaks(app);
});

test('an order is on its way until the broker has taken it', async () => {
  const emitter = new HeldEmitter();
  const { app } = await startRooms(memory, {}, { emitter });
  emitter.hold('emit');
  const events: string[] = [];
  const ordered = app.graphqlWs.disconnect({ tag: 'ann' }).then(() => events.push('ordered'));
  const settled = app.graphqlWs.settled().then(() => events.push('settled'));
  for (let turns = 0; turns < 5; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(events).toEqual([]);
  emitter.release('emit');
  await Promise.all([ordered, settled]);

  expect(events).toEqual(['ordered', 'settled']);
});

test('E4 E5 after the app was closed an order rejects', async () => {
  const { app } = await startRooms(memory);
  await app.close();

  const closed = { code: 'GROUPCAST_ERR_BROADCASTER_CLOSED' };
  await expect(app.graphqlWs.unsubscribe('onMessage')).rejects.toMatchObject(closed);
  await expect(app.graphqlWs.disconnect({ tag: 'ann' })).rejects.toMatchObject(closed);
});

test('an app starts though its broker is down, warns once, and hears orders once it is up', async () => {
  const emitter = new HeldEmitter();
  emitter.fail('on', down);
  const { app, connect, log } = await startRooms(memory, {}, { emitter, ...tagged });
  const client = await connect(as('ann'));
  expect(app.graphqlWs.health.status).toBe('degraded');
  // It comes up: a broadcast works. The join fails once more.
  await app.broadcast('onMessage', { payload: { text: 'hi' } });
  await vi.waitFor(() => expect(app.graphqlWs.health.status).toBe('degraded'), { interval: 1 });
  expect(emitter.calls.filter((call) => call === 'on groupcast:c')).toHaveLength(2);
  expect(warnings(log)).toEqual([missed]);
  emitter.repair('on');
  await app.broadcast('onMessage', { payload: { text: 'hi' } });
  await vi.waitFor(() => expect(warnings(log)).toEqual([missed, arriving]), { interval: 1 });

  const { app: other } = await startRooms(memory, {}, { emitter });
  await other.graphqlWs.disconnect({ tag: 'ann' });
  await client.expectClose(4403);
  await expectNoLeaks(app);
  expect(emitter.listenerCount).toBe(2);
});

test('a broker that comes up while it says no to the join is asked again', async () => {
  const emitter = new HeldEmitter();
  emitter.fail('on', down, { times: 1 });
  emitter.hold('removeListener');
  const { app, connect, log } = await startRooms(memory, {}, { emitter, ...tagged });
  const client = await connect(as('ann'));
  await emitter.whenHeld('removeListener');
  await app.broadcast('onMessage', { payload: { text: 'it is up' } });
  emitter.release('removeListener');
  await vi.waitFor(() => expect(warnings(log)).toEqual([missed, arriving]), { interval: 1 });

  const { app: other } = await startRooms(memory, {}, { emitter });
  await other.graphqlWs.disconnect({ tag: 'ann' });
  await client.expectClose(4403);
});

test('a listener for the health is told of each change in its order, whatever the join does', async () => {
  const emitter = new HeldEmitter();
  emitter.fail('on', down);
  const { app } = await startRooms(memory, {}, { emitter });
  const told: string[] = [];
  app.graphqlWs.on('health', ({ status }) => told.push(status));
  for (let n = 1; n <= 3; n += 1) {
    await app.broadcast('onMessage', { payload: { text: 'hi' } });
    await vi.waitFor(() => expect(told).toHaveLength(2 * n), { interval: 1 });
  }

  expect(told).toEqual(['up', 'degraded', 'up', 'degraded', 'up', 'degraded']);
});

test('an app whose broker never answers is settled, has no leaks, and closes without a warning', async () => {
  const emitter = new HeldEmitter();
  emitter.hold('on');
  const { app, log } = await startRooms(memory, {}, { emitter, closeTimeoutMs: 20 });
  await app.graphqlWs.settled();
  await expectNoLeaks(app);
  await app.close();

  expect(warnings(log)).toEqual([]);
  emitter.release('on');
});
