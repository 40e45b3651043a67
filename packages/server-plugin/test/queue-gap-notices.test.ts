import { LEGACY } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { askForGaps, queueGap } from './support/gap.ts';
import { createGate } from './support/gate.ts';
import { message, type RoomMessage, startRooms } from './support/start-rooms.ts';
import { startSlow } from './support/start-slow.ts';
import { describeBoth } from './support/wires.ts';

describeBoth('a queue that drops, and a client that asked for gaps', (wire) => {
  test('P5 it is told how many, after what was taken before the drops, before what follows', async () => {
    const definition = { queueLimit: 2 };
    const slow = await startSlow(wire, { definition, extensions: askForGaps });
    await slow.send('before');
    await slow.hold();
    for (const text of ['1', '2', '3', '4', '5']) await slow.send(text);
    slow.release();

    await slow.messages.expectNext(message('before'));
    await slow.messages.expectNext(message('held'));
    await slow.messages.expectResult(queueGap(3));
    await slow.messages.expectNext(message('4'));
    await slow.messages.expectNext(message('5'));
    await slow.send('after');
    await slow.messages.expectNext(message('after'));
    await slow.messages.expectSilence();
    expect(slow.app.graphqlWs.stats().dropped).toBe(3);
  });

  test('P5 each notice counts what was dropped since the last one', async () => {
    const definition = { queueLimit: 2 };
    const slow = await startSlow(wire, { definition, extensions: askForGaps });
    await slow.hold();
    for (const text of ['1', '2', '3']) await slow.send(text);
    slow.release();
    await slow.messages.expectNext(message('held'));
    await slow.messages.expectResult(queueGap(1));
    await slow.messages.expectNext(message('2'));
    await slow.messages.expectNext(message('3'));

    await slow.hold();
    for (const text of ['4', '5', '6', '7']) await slow.send(text);
    slow.release();
    await slow.messages.expectNext(message('held'));
    await slow.messages.expectResult(queueGap(2));
    await slow.messages.expectNext(message('6'));
    await slow.messages.expectNext(message('7'));
    await slow.messages.expectSilence();
  });

  test('P5 what is dropped before the activation is told, after the initial notification', async () => {
    const snapshot = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(wire, {
      queueLimit: 2,
      initial: () => snapshot.arrive(),
    });
    const client = await connect();
    const query = 'subscription { onMessage(rooms: ["red"]) { text } }';
    const messages = await client.subscribe(query, { extensions: askForGaps });
    await snapshot.arrived();
    for (const text of ['1', '2', '3']) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }
    snapshot.open({ text: 'snapshot' });

    await messages.expectNext(message('snapshot'));
    await messages.expectResult(queueGap(1));
    await messages.expectNext(message('2'));
    await messages.expectNext(message('3'));
  });

  test('P5 with a limit of 1 nothing is told: only the newest was wanted', async () => {
    const definition = { queueLimit: 1 };
    const slow = await startSlow(wire, { definition, extensions: askForGaps });
    await slow.hold();
    for (const text of ['1', '2', '3']) await slow.send(text);
    slow.release();

    await slow.messages.expectNext(message('held'));
    await slow.messages.expectNext(message('3'));
    await slow.messages.expectSilence();
    expect(slow.app.graphqlWs.stats().dropped).toBe(2);
  });

  test("P5 with overflow 'end' it gets the error and no notice", async () => {
    const definition = { queueLimit: 1, overflow: 'end' } as const;
    const slow = await startSlow(wire, { definition, extensions: askForGaps });
    await slow.hold();
    for (const text of ['1', '2']) await slow.send(text);

    await slow.messages.expectError(/more than 1 notifications waited/);
    slow.release();
    await slow.messages.expectSilence();
  });

  test('P5 a client that ends the operation first is told nothing', async () => {
    const definition = { queueLimit: 2 };
    const slow = await startSlow(wire, { definition, extensions: askForGaps });
    await slow.hold();
    for (const text of ['1', '2', '3']) await slow.send(text);
    slow.messages.stop();
    await slow.client.fence();
    slow.release();

    if (wire.protocol === LEGACY) await slow.messages.expectComplete();
    await slow.messages.expectSilence();
  });

  test.each([
    ['nothing', {}],
    ['the confirmation only', { groupcast: { v: 1, confirm: true } }],
    ['gaps: false', { groupcast: { v: 1, gaps: false } }],
    ['gaps that are no boolean', { groupcast: { v: 1, gaps: 'true' } }],
    ['a number', { groupcast: { v: 1, gaps: 1 } }],
    ['null', { groupcast: null }],
    ['a text', { groupcast: 'gaps' }],
  ])('P5 who asks for %s is told of no gap', async (_what, extensions) => {
    const slow = await startSlow(wire, { definition: { queueLimit: 2 }, extensions });
    await slow.hold();
    for (const text of ['1', '2', '3']) await slow.send(text);
    slow.release();

    await slow.messages.expectNext(message('held'));
    await slow.messages.expectNext(message('2'));
    await slow.messages.expectNext(message('3'));
    await slow.messages.expectSilence();
  });
});
