import { defineSubscription } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { startApp } from './support/start-app.ts';
import { hear, message, type RoomMessage, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

const nothing = {
  connections: 0,
  operations: 0,
  groups: 0,
  cohorts: 0,
  members: 0,
  published: 0,
  received: 0,
  computed: 0,
  delivered: 0,
  queued: 0,
  dropped: 0,
  lost: 0,
  duplicates: 0,
  filterErrors: 0,
  bytes: 0,
  bytesSent: 0,
  pendingBroadcasts: 0,
  emitterListeners: 0,
  timers: 0,
  documents: 0,
};

describeBoth('app.graphqlWs.stats()', (wire) => {
  test('is all zero before anybody is there, and has no further figures', async () => {
    const { app } = await startRooms(wire);

    expect(app.graphqlWs.stats()).toEqual(nothing);
  });

  test('counts connections, operations, groups, cohorts, members, listeners and documents', async () => {
    const { app, connect } = await startRooms(wire, {}, { keepAlive: false });
    const [ann, bob] = [await connect(), await connect()];
    // All of onMessage, red and blue; in each the subscribers whose variables are equal share.
    await hear(ann, 'red');
    await hear(bob, 'red');
    await hear(bob, 'red', 'blue');
    await ann.query('{ hello }');

    expect(app.graphqlWs.stats()).toEqual({
      ...nothing,
      connections: 2,
      operations: 3,
      groups: 3,
      cohorts: 2 + 2 + 1,
      members: 3 + 3 + 1,
      emitterListeners: 3,
      documents: 2,
      bytesSent: expect.any(Number),
    });
    bob.terminate();
    await expect
      .poll(() => app.graphqlWs.stats(), { interval: 1 })
      .toEqual({
        ...nothing,
        connections: 1,
        operations: 1,
        groups: 2,
        cohorts: 2,
        members: 2,
        emitterListeners: 2,
        documents: 2,
        bytesSent: expect.any(Number),
      });
  });

  test('counts a cohort for each subscriber where nobody shares', async () => {
    const { app, connect } = await startRooms(wire, { share: false });
    const client = await connect();
    for (let n = 0; n < 3; n += 1) await hear(client, 'red');

    expect(app.graphqlWs.stats()).toMatchObject({ groups: 2, cohorts: 6, members: 6 });
  });

  test('counts broadcasts, what arrived, and what was made and sent of it', async () => {
    const { app, connect, onMessage } = await startRooms(wire, {
      filter: ({ text }, { rooms }) => text !== 'red only' || rooms?.[0] === 'red',
    });
    const [ann, bob] = [await connect(), await connect()];
    const red = [await hear(ann, 'red'), await hear(bob, 'red')];
    const blue = await hear(bob, 'blue');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    for (const each of red) await each.expectNext(message('hi'));

    // Ann and Bob share one result.
    const counted = { published: 1, received: 1, computed: 1, delivered: 2 };
    expect(app.graphqlWs.stats()).toMatchObject(counted);
    await app.broadcast(onMessage, { group: 'nobody', payload: { text: 'hi' } });
    await app.broadcast(onMessage, { payload: { text: 'red only' } });
    for (const each of red) await each.expectNext(message('red only'));
    await blue.expectSilence();
    const all = { published: 3, received: 2, computed: 2, delivered: 4 };
    expect(app.graphqlWs.stats()).toMatchObject(all);
  });

  test('counts a run for each subscriber where nobody shares', async () => {
    const { app, connect, onMessage } = await startRooms(wire, { share: false });
    const client = await connect();
    const red = [await hear(client, 'red'), await hear(client, 'red')];
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    for (const each of red) await each.expectNext(message('hi'));

    expect(app.graphqlWs.stats()).toMatchObject({ received: 1, computed: 2, delivered: 2 });
  });

  test('counts no broadcast that the broker did not take', async () => {
    const emitter = new HeldEmitter();
    const { app, onMessage } = await startRooms(wire, {}, { emitter, broadcastTimeoutMs: 1 });
    emitter.hold('emit');
    const sent = app.broadcast(onMessage, { payload: { text: 'hi' } });
    await expect(sent).rejects.toThrow();

    expect(app.graphqlWs.stats().published).toBe(0);
    emitter.release('emit');
  });

  test('counts the bytes that were sent', async () => {
    const { app, connect, onMessage } = await startRooms(wire);
    const messages = await hear(await connect(), 'red');
    await app.graphqlWs.settled();
    const before = app.graphqlWs.stats().bytesSent;
    const text = 'x'.repeat(1_000);
    for (let n = 0; n < 100; n += 1) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }
    for (let n = 0; n < 100; n += 1) await messages.expectNext(message(text));

    const sent = app.graphqlWs.stats().bytesSent - before;
    expect(sent).toBeGreaterThan(100 * 1_000);
    expect(sent).toBeLessThan(100 * 1_200);
  });

  test('counts what waits, what was dropped, and the filters that failed', async () => {
    const running = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(wire, {
      queueLimit: 2,
      filter: ({ text }) => {
        if (text === 'fail') throw new Error('unknown rights');
        return true;
      },
      publish: () => running.arrive(),
    });
    const messages = await hear(await connect(), 'red');
    const send = (text: string) => app.broadcast(onMessage, { group: 'red', payload: { text } });
    await send('fail');
    await app.graphqlWs.settled();
    await send('a');
    await running.arrived();
    for (const text of ['b', 'c', 'd', 'e', 'f']) await send(text);

    expect(app.graphqlWs.stats()).toMatchObject({ queued: 2, dropped: 3, filterErrors: 1 });
    running.open({ text: 'done' });
    for (let n = 0; n < 3; n += 1) await messages.expectNext(message('done'));
    expect(app.graphqlWs.stats()).toMatchObject({ queued: 0, dropped: 3, filterErrors: 1 });
  });

  test('takes back what waited for a subscriber that ends', async () => {
    const running = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(wire, { publish: () => running.arrive() });
    const client = await connect();
    const messages = await hear(client, 'red');
    for (const text of ['a', 'b', 'c']) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }
    await running.arrived();
    expect(app.graphqlWs.stats().queued).toBe(2);
    messages.stop();
    await client.fence();

    expect(app.graphqlWs.stats()).toMatchObject({ queued: 0, dropped: 0 });
    running.open({ text: 'late' });
  });

  test('counts broadcasts that the broker has not taken', async () => {
    const emitter = new HeldEmitter();
    const { app, onMessage } = await startRooms(wire, {}, { emitter });
    emitter.hold('emit');
    const sent = [1, 2, 3].map(() => app.broadcast(onMessage, { payload: { text: 'hi' } }));
    expect(app.graphqlWs.stats().pendingBroadcasts).toBe(3);
    emitter.releaseNext('emit');
    await sent[0];
    expect(app.graphqlWs.stats().pendingBroadcasts).toBe(2);
    emitter.release('emit');
    await Promise.all(sent);
    expect(app.graphqlWs.stats().pendingBroadcasts).toBe(0);
  });

  test('counts bytes that wait for clients, until they are read', async () => {
    const text = 'x'.repeat(1_000_000);
    const onMessage = defineSubscription({
      subscribe: () => 'red',
      publish: (payload: { text: string }) => payload,
    });
    const { app, connect } = await startApp(wire, {
      typeDefs:
        'type Query { hello: String } type Message { text: String } type Subscription { onMessage: Message }',
      resolvers: { Subscription: { onMessage } },
      limits: { bufferedBytes: 2 ** 30 },
    });
    const client = await connect();
    const messages = await client.subscribe('subscription { onMessage { text } }');
    client.pause();
    // More than the buffers of any system take.
    for (let n = 0; n < 16; n += 1) await app.broadcast(onMessage, { payload: { text } });
    await app.graphqlWs.settled();
    expect(app.graphqlWs.stats().bytes).toBeGreaterThan(1_000_000);
    client.resume();
    for (let n = 0; n < 16; n += 1) await messages.expectNext({ onMessage: { text } });

    await client.fence();
    await expect.poll(() => app.graphqlWs.stats().bytes, { interval: 1 }).toBe(0);
  });

  test('counts timers: one for all keep-alives, one for each that has not said anything', async () => {
    const { app, connect } = await startRooms(wire);
    await connect();
    await connect();
    expect(app.graphqlWs.stats().timers).toBe(1);
    const silent = await connect({ init: false });
    await silent.fence();
    expect(app.graphqlWs.stats().timers).toBe(2);
    silent.send({ type: 'connection_init' });
    await silent.expectMessage({ type: 'connection_ack' });
    expect(app.graphqlWs.stats().timers).toBe(1);
  });

  test('is a copy of its moment', async () => {
    const { app, connect } = await startRooms(wire);
    const before = app.graphqlWs.stats();
    await hear(await connect(), 'red');

    expect(before).toEqual(nothing);
  });
});
