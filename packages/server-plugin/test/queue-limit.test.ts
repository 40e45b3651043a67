import type { TestOperation } from '@groupcast/testing';
import { expect, test, vi } from 'vitest';
import { createGate } from './support/gate.ts';
import { hear, message, type RoomMessage, startRooms } from './support/start-rooms.ts';
import { startSlow } from './support/start-slow.ts';
import { describeBoth } from './support/wires.ts';

async function expectTexts(messages: TestOperation, ...texts: string[]): Promise<void> {
  for (const text of texts) await messages.expectNext(message(text));
  await messages.expectSilence();
}

describeBoth('the queue of a subscriber', (wire) => {
  test('P5 N wait beside the one in flight; overflow drops the oldest and counts it', async () => {
    const slow = await startSlow(wire, { definition: { queueLimit: 3 } });
    await slow.hold();
    for (const text of ['1', '2', '3']) await slow.send(text);
    expect(slow.app.graphqlWs.stats()).toMatchObject({ queued: 3, dropped: 0 });
    for (const text of ['4', '5']) await slow.send(text);
    expect(slow.app.graphqlWs.stats()).toMatchObject({ queued: 3, dropped: 2 });
    slow.release();

    await expectTexts(slow.messages, 'held', '3', '4', '5');
    expect(slow.app.graphqlWs.stats()).toMatchObject({ queued: 0, dropped: 2 });
  });

  test('P5 overflow warns once per burst', async () => {
    const slow = await startSlow(wire, { definition: { queueLimit: 2 } });
    for (const burst of [1, 2]) {
      await slow.hold();
      for (const text of ['1', '2', '3', '4', '5']) await slow.send(text);
      expect(slow.warnings()).toHaveLength(burst);
      slow.release();
      await expectTexts(slow.messages, 'held', '4', '5');
    }
    expect(slow.warnings()[0]).toMatchObject({
      details: { field: 'onMessage', id: slow.messages.id, limit: 2 },
      message: expect.stringContaining('oldest notifications are dropped'),
    });
    expect(slow.app.graphqlWs.stats().dropped).toBe(6);
  });

  test('P5 a queue that never overflows warns of nothing', async () => {
    const slow = await startSlow(wire, { definition: { queueLimit: 2 } });
    await slow.hold();
    for (const text of ['1', '2']) await slow.send(text);
    slow.release();

    await expectTexts(slow.messages, 'held', '1', '2');
    expect(slow.warnings()).toEqual([]);
    expect(slow.app.graphqlWs.stats().dropped).toBe(0);
  });

  test('P5 a limit of 1 keeps the newest only, without a warning', async () => {
    const slow = await startSlow(wire, { definition: { queueLimit: 1 } });
    await slow.hold();
    for (const text of ['1', '2', '3']) await slow.send(text);
    slow.release();

    await expectTexts(slow.messages, 'held', '3');
    expect(slow.warnings()).toEqual([]);
    expect(slow.app.graphqlWs.stats().dropped).toBe(2);
  });

  test("P5 with overflow 'end' the operation ends with an error instead", async () => {
    const reasons: string[] = [];
    const slow = await startSlow(wire, {
      definition: {
        queueLimit: 2,
        overflow: 'end',
        unsubscribed: (reason) => reasons.push(reason),
      },
    });
    await slow.hold();
    for (const text of ['1', '2']) await slow.send(text);
    expect(reasons).toEqual([]);
    await slow.send('3');
    const [error] = await slow.messages.expectError(/more than 2 notifications waited/);
    expect(error).toMatchObject({ extensions: { code: 'NOTIFICATION_OVERFLOW' } });
    expect(reasons).toEqual(['error']);
    slow.release();
    await slow.send('4');

    await slow.messages.expectSilence();
    expect(slow.app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0, queued: 0 });
    expect(await slow.client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
  });

  test("P5 the plugin's queueLimit holds where the definition gives none", async () => {
    const limits = { queueLimit: 2 };
    const slow = await startSlow(wire, { definition: {}, options: { limits } });
    await slow.hold();
    for (const text of ['1', '2', '3']) await slow.send(text);
    slow.release();
    await expectTexts(slow.messages, 'held', '2', '3');

    const own = await startSlow(wire, { definition: { queueLimit: 3 }, options: { limits } });
    await own.hold();
    for (const text of ['1', '2', '3']) await own.send(text);
    own.release();
    await expectTexts(own.messages, 'held', '1', '2', '3');
  });

  test('P5 by default 1024 wait', async () => {
    const slow = await startSlow(wire, { definition: {} });
    await slow.hold();
    const waits = (queued: number, dropped: number): Promise<void> =>
      vi.waitFor(() => expect(slow.app.graphqlWs.stats()).toMatchObject({ queued, dropped }));
    for (let n = 0; n < 1_024; n += 1) void slow.send(`${n}`);
    await waits(1_024, 0);
    void slow.send('one too many');
    await waits(1_024, 1);
    slow.release();

    await slow.messages.expectNext(message('held'));
    await slow.messages.expectNext(message('1'));
  });

  test('P5 what waits before the activation is bounded too, and keeps the newest', async () => {
    const snapshot = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(wire, {
      queueLimit: 2,
      initial: () => snapshot.arrive(),
    });
    const client = await connect();
    const subscribing = hear(client, 'red');
    await snapshot.arrived();
    const messages = await subscribing;
    for (const text of ['1', '2', '3']) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }
    snapshot.open({ text: 'snapshot' });

    await expectTexts(messages, 'snapshot', '2', '3');
  });

  test('P5 a slow subscriber costs its neighbours nothing', async () => {
    const held = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(
      wire,
      {
        queueLimit: 1,
        publish: (payload, _args, context) =>
          Reflect.get(context, 'isSlow') ? held.arrive() : payload,
      },
      { context: ({ operation }) => ({ isSlow: operation.id === 'slow' }) },
    );
    const client = await connect();
    const query = 'subscription { onMessage(rooms: ["red"]) { text } }';
    await client.subscribe(query, { id: 'slow' });
    const messages = await hear(client, 'red');
    for (let n = 0; n < 20; n += 1) {
      await app.broadcast(onMessage, { group: 'red', payload: { text: `${n}` } });
      await messages.expectNext(message(`${n}`));
    }

    expect(app.graphqlWs.stats()).toMatchObject({ queued: 1, dropped: 18 });
    held.open({ text: 'late' });
  });
});
