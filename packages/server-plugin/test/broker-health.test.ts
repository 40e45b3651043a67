import type { BrokerHealth } from '@groupcast/fastify';
import { MODERN } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { HeldEmitter } from './support/held-emitter.ts';
import { hear, message, startRooms } from './support/start-rooms.ts';

const wire = { protocol: MODERN, transport: 'memory' } as const;
const hi = { group: 'red', payload: { text: 'hi' } };

/** An app whose emitter can fail, and the health that its listener was told. */
async function startWatched() {
  const emitter = new HeldEmitter();
  const started = await startRooms(wire, {}, { emitter });
  const told: BrokerHealth[] = [];
  const stop = started.app.graphqlWs.on('health', (health) => told.push(health));
  return { ...started, emitter, told, stop };
}

test('health is up from the start', async () => {
  const before = Date.now();
  const { app, told } = await startWatched();

  expect(app.graphqlWs.health.status).toBe('up');
  expect(app.graphqlWs.health.since.getTime()).toBeGreaterThanOrEqual(before);
  expect(app.graphqlWs.health.lastError).toBeUndefined();
  expect(told).toEqual([]);
});

test('a broker that fails is degraded, and up again after the next success', async () => {
  const { app, connect, emitter, onMessage, told } = await startWatched();
  const messages = await hear(await connect(), 'red');
  emitter.fail('emit', new Error('connection lost'), { times: 2 });
  for (let n = 0; n < 2; n += 1) await expect(app.broadcast(onMessage, hi)).rejects.toThrow();
  expect(app.graphqlWs.health).toMatchObject({
    status: 'degraded',
    lastError: { code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE' },
  });
  await app.broadcast(onMessage, hi);

  await messages.expectNext(message('hi'));
  expect(app.graphqlWs.health.status).toBe('up');
  expect(told.map(({ status }) => status)).toEqual(['degraded', 'up']);
  expect(told[1]?.lastError?.message).toContain('connection lost');
});

test('a group that cannot be joined shows in the health', async () => {
  const { app, connect, emitter, told } = await startWatched();
  emitter.fail('on', new Error('no more listeners'), { times: 1 });
  const refused = await hear(await connect(), 'red');
  await refused.expectError('could not be joined');
  await app.graphqlWs.settled();

  expect(told[0]).toMatchObject({ status: 'degraded' });
});

test('an error that the emitter reports by itself shows in the health', async () => {
  const { app, emitter, told } = await startWatched();
  emitter.state.emit('error', new Error('ECONNREFUSED'));

  expect(told.map(({ status }) => status)).toEqual(['degraded']);
  expect(app.graphqlWs.health.lastError?.message).toContain('ECONNREFUSED');
});

test('the result of on() stops the listener, each its own', async () => {
  const { app, emitter, onMessage } = await startWatched();
  const told: string[] = [];
  const listener = (health: BrokerHealth) => told.push(health.status);
  const stops = [app.graphqlWs.on('health', listener), app.graphqlWs.on('health', listener)];
  stops[0]?.();
  emitter.fail('emit', new Error('connection lost'), { times: 1 });
  await expect(app.broadcast(onMessage, hi)).rejects.toThrow();
  expect(told).toEqual(['degraded']);
  stops[1]?.();
  await app.broadcast(onMessage, hi);

  expect(told).toEqual(['degraded']);
});

test('a listener that throws hinders nobody, and is logged', async () => {
  const { app, emitter, log, onMessage, told } = await startWatched();
  app.graphqlWs.on('health', () => {
    throw new Error('listener broke');
  });
  const after: string[] = [];
  app.graphqlWs.on('health', ({ status }) => after.push(status));
  emitter.fail('emit', new Error('connection lost'), { times: 1 });
  await expect(app.broadcast(onMessage, hi)).rejects.toThrow('connection lost');

  expect([told.length, after]).toEqual([1, ['degraded']]);
  expect(log.some(({ message: text }) => text === 'A listener of the broker health threw')).toBe(
    true,
  );
});

test('after the app was closed the broker is down', async () => {
  const { app, told } = await startWatched();
  await app.close();

  expect(app.graphqlWs.health.status).toBe('down');
  expect(told.map(({ status }) => status)).toEqual(['down']);
});
