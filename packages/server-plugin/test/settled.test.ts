import { expect, test, vi } from 'vitest';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { startApp } from './support/start-app.ts';
import { hear, type RoomMessage, startHearing, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

/** Tells whether a promise has settled, after everything that is ready to run has run. */
async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  void promise.then(() => {
    isSettled = true;
  });
  for (let turns = 0; turns < 5; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  return isSettled;
}

describeBoth('app.graphqlWs.settled()', (wire) => {
  test('resolves when nobody is there, and when all is quiet', async () => {
    const { app, connect } = await startRooms(wire);
    await app.graphqlWs.settled();
    await hear(await connect(), 'red');
    await app.graphqlWs.settled();
  });

  test('waits for a broadcast that the broker has not taken', async () => {
    const emitter = new HeldEmitter();
    const { app, onMessage } = await startRooms(wire, {}, { emitter });
    emitter.hold('emit');
    void app.broadcast(onMessage, { payload: { text: 'hi' } });
    const settled = app.graphqlWs.settled();
    expect(await hasSettled(settled)).toBe(false);
    emitter.release('emit');
    await settled;
  });

  test('waits for a group that is being joined, and for one that is being left', async () => {
    const emitter = new HeldEmitter();
    const { app, connect } = await startRooms(wire, {}, { emitter });
    const client = await connect();
    emitter.hold('on');
    const messages = startHearing(client, 'red');
    await emitter.whenHeld('on');
    const joined = app.graphqlWs.settled();
    expect(await hasSettled(joined)).toBe(false);
    emitter.release('on');
    await joined;

    emitter.hold('removeListener');
    messages.stop();
    await emitter.whenHeld('removeListener');
    const left = app.graphqlWs.settled();
    expect(await hasSettled(left)).toBe(false);
    emitter.release('removeListener');
    await left;
  });

  test.each(['subscribe', 'initial', 'filter', 'publish'] as const)(
    'waits for %s',
    async (hook) => {
      const gate = createGate<RoomMessage>();
      const { app, connect, onMessage } = await startRooms(wire, {
        [hook]: async () => {
          const payload = await gate.arrive();
          return hook === 'subscribe' ? 'red' : payload;
        },
      });
      const client = await connect();
      startHearing(client, 'red');
      if (hook === 'filter' || hook === 'publish') {
        await client.fence();
        await app.graphqlWs.settled();
        await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
      }
      await gate.arrived();
      const settled = app.graphqlWs.settled();
      expect(await hasSettled(settled)).toBe(false);
      gate.open({ text: 'hi' });
      await settled;
    },
  );

  test('waits for a query, but not for one that was stopped', async () => {
    const hanging = createGate<string>();
    const { app, connect } = await startApp(wire, {
      typeDefs: 'type Query { hang: String }',
      resolvers: { Query: { hang: () => hanging.arrive() } },
    });
    const client = await connect();
    const query = client.start('{ hang }');
    await hanging.arrived();
    const settled = app.graphqlWs.settled();
    expect(await hasSettled(settled)).toBe(false);
    query.stop();
    await settled;
    hanging.open('late');
  });

  test('does not wait for the next event of a plain source', async () => {
    const { app, connect } = await startApp(wire, {
      typeDefs: 'type Query { hello: String } type Subscription { ticks: Int }',
      resolvers: {
        Subscription: {
          ticks: {
            subscribe: async function* () {
              yield { ticks: 1 };
              await new Promise(() => undefined);
            },
          },
        },
      },
    });
    const ticks = await (await connect()).subscribe('subscription { ticks }');
    await ticks.expectNext({ ticks: 1 });
    await app.graphqlWs.settled();
  });

  test('includes what a notification sets off', async () => {
    const seen: string[] = [];
    const started = await startRooms(wire, {
      share: false,
      publish: async (payload) => {
        seen.push(payload.text);
        await new Promise((resolve) => setImmediate(resolve));
        const next = Number(payload.text) + 1;
        if (next < 5) {
          void started.app.broadcast('onMessage', {
            group: 'red',
            payload: { text: `${next}` },
          });
        }
        return payload;
      },
    });
    await hear(await started.connect(), 'red');
    await started.app.broadcast('onMessage', { group: 'red', payload: { text: '0' } });
    await started.app.graphqlWs.settled();

    expect(seen).toEqual(['0', '1', '2', '3', '4']);
  });

  test('works with faked timers', async () => {
    const { app, connect, onMessage } = await startRooms(wire);
    const messages = await hear(await connect(), 'red');
    vi.useFakeTimers({
      toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance'],
    });
    try {
      await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
      await app.graphqlWs.settled();
    } finally {
      vi.useRealTimers();
    }
    await messages.expectNext({ onMessage: { text: 'hi' } });
  });
});
