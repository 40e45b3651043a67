import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { DiagnosticsMessages } from '@groupcast/fastify';
import { expect, onTestFinished, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { hear, message, type RoomMessage, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

/** All messages of a channel from now on; for this test only. */
function listenTo<Name extends keyof DiagnosticsMessages>(name: Name): DiagnosticsMessages[Name][] {
  const messages: DiagnosticsMessages[Name][] = [];
  const listener = (published: unknown): void => {
    messages.push(published as DiagnosticsMessages[Name]);
  };
  subscribe(name, listener);
  onTestFinished(() => void unsubscribe(name, listener));
  return messages;
}

const aDuration = expect.toSatisfy((ms: number) => ms >= 0 && ms < 20_000);

describeBoth('diagnostics channels', (wire) => {
  test('tell of connections that come and go', async () => {
    const opened = listenTo('groupcast:connection:open');
    const closed = listenTo('groupcast:connection:close');
    const { app, connect } = await startRooms(wire, {}, { namespace: 'shop' });
    const client = await connect();
    const known = {
      namespace: 'shop',
      connection: expect.any(String),
      protocol: wire.protocol,
    };
    expect(opened).toEqual([known]);
    client.close(4321, 'bye');
    await expect.poll(() => app.graphqlWs.stats().connections, { interval: 1 }).toBe(0);

    expect(closed).toEqual([
      { ...known, connection: opened[0]?.connection, code: 4321, reason: 'bye' },
    ]);
  });

  test('tell of a broadcast when the broker has taken it, with its group if it has one', async () => {
    const broadcasts = listenTo('groupcast:broadcast');
    const { app, onMessage } = await startRooms(wire);
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    await app.broadcast('onNotice', { payload: { text: 'hi' } });
    await app.graphqlWs.settled();

    const known = { namespace: 'groupcast', durationMs: aDuration };
    expect(broadcasts).toEqual([
      { ...known, field: 'onMessage', group: 'red' },
      { ...known, field: 'onNotice' },
    ]);
  });

  test('tell of a broadcast that failed, with the error', async () => {
    const broadcasts = listenTo('groupcast:broadcast');
    const emitter = new HeldEmitter();
    const { app, onMessage } = await startRooms(wire, {}, { emitter, broadcastTimeoutMs: 1 });
    emitter.hold('emit');
    const failure = await app.broadcast(onMessage, { payload: { text: 'hi' } }).catch(String);
    emitter.release('emit');

    expect(failure).toContain('GROUPCAST_ERR_BROADCAST_TIMEOUT');
    expect(broadcasts).toMatchObject([
      { field: 'onMessage', error: { code: 'GROUPCAST_ERR_BROADCAST_TIMEOUT' } },
    ]);
  });

  test('tell of a delivery once for all cohorts: who got it, whom it did not concern', async () => {
    const deliveries = listenTo('groupcast:delivery');
    const { app, connect, onMessage } = await startRooms(wire, {
      filter: (_payload, { rooms }) => rooms?.length !== 3,
    });
    const client = await connect();
    const alone = await hear(client, 'red room');
    await hear(client, 'red room');
    await hear(client, 'red room', 'blue');
    await hear(client, 'red room', 'blue', 'green');
    await app.broadcast(onMessage, { group: 'red room', payload: { text: 'hi' } });
    await alone.expectNext(message('hi'));
    await app.graphqlWs.settled();

    expect(deliveries).toEqual([
      {
        namespace: 'groupcast',
        field: 'onMessage',
        group: 'red room',
        cohorts: 3,
        members: 4,
        delivered: 3,
        withheld: 1,
        durationMs: aDuration,
        payload: expect.any(Function),
      },
    ]);
    expect(deliveries[0]?.payload()).toEqual({ text: 'hi' });
    await app.broadcast(onMessage, { payload: { text: 'all' } });
    await app.graphqlWs.settled();
    expect(deliveries[1]).not.toHaveProperty('group');
  });

  test('tell again when those get it who had to wait', async () => {
    const deliveries = listenTo('groupcast:delivery');
    const made = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(wire, {
      share: false,
      publish: (payload, { rooms }) => (rooms?.length === 1 ? payload : made.arrive()),
    });
    const client = await connect();
    const quick = await hear(client, 'red');
    const slow = await hear(client, 'red', 'blue');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    await quick.expectNext(message('hi'));
    const known = { group: 'red', cohorts: 2, members: 2, withheld: 0 };
    expect(deliveries).toMatchObject([{ ...known, delivered: 1 }]);
    made.open({ text: 'late' });
    await slow.expectNext(message('late'));
    await app.graphqlWs.settled();

    expect(deliveries).toMatchObject([
      { ...known, delivered: 1 },
      { ...known, delivered: 1 },
    ]);
  });

  test("tell of the broker's health", async () => {
    const changes = listenTo('groupcast:health');
    const emitter = new HeldEmitter();
    const { app, onMessage } = await startRooms(wire, {}, { emitter, namespace: 'shop' });
    emitter.fail('emit', new Error('gone'), { times: 1 });
    await app.broadcast(onMessage, { payload: { text: 'hi' } }).catch(() => undefined);

    expect(changes).toMatchObject([{ namespace: 'shop', status: 'degraded' }]);
  });
});
