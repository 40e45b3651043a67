import { LEGACY } from '@groupcast/protocol';
import type { TestConnection, TestOperation } from '@groupcast/testing';
import { expect, test } from 'vitest';
import { askForGaps, brokerGap, queueGap } from './support/gap.ts';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { message, type RoomMessage, type StartedRooms, startRooms } from './support/start-rooms.ts';
import { startSlow } from './support/start-slow.ts';
import { describeBoth } from './support/wires.ts';

const hearRed = 'subscription { onMessage(rooms: ["red"]) { text } }';
const elsewhere = { group: 'elsewhere', payload: { text: 'nobody hears it' } };

/** An event that the emitter loses, then one that it takes. */
async function outage(
  emitter: HeldEmitter,
  { app, onMessage }: Pick<StartedRooms, 'app' | 'onMessage'>,
): Promise<void> {
  emitter.fail('emit', new Error('connection lost'), { times: 1 });
  const lost = app.broadcast(onMessage, { group: 'red', payload: { text: 'lost' } });
  await expect(lost).rejects.toThrow('connection lost');
  await app.broadcast(onMessage, elsewhere);
}

function hearAsking(client: TestConnection, query = hearRed): Promise<TestOperation> {
  return client.subscribe(query, { extensions: askForGaps });
}

describeBoth('a broker that fails and works again', (wire) => {
  test('P10 all who asked are told, at once and without an event, and nobody else', async () => {
    const emitter = new HeldEmitter();
    const rooms = await startRooms(wire, {}, { emitter });
    const [alice, bob] = [await rooms.connect(), await rooms.connect()];
    const asking = [
      await hearAsking(alice),
      await hearAsking(alice, 'subscription { onNotice { text } }'),
      await hearAsking(bob),
    ];
    const others = [
      await bob.subscribe(hearRed),
      await bob.subscribe(hearRed, { extensions: { groupcast: { v: 1, gaps: 'yes' } } }),
      bob.start(hearRed, { extensions: { groupcast: { v: 2, gaps: true } } }),
    ];
    await rooms.app.graphqlWs.settled();

    await outage(emitter, rooms);

    for (const each of asking) await each.expectResult(brokerGap);
    for (const each of [...asking, ...others]) await each.expectSilence();
  });

  test('P10 it is told once for each outage, and not while it lasts', async () => {
    const emitter = new HeldEmitter();
    const rooms = await startRooms(wire, {}, { emitter });
    const messages = await hearAsking(await rooms.connect());
    emitter.fail('emit', new Error('connection lost'), { times: 3 });
    for (let n = 0; n < 3; n += 1) {
      await expect(rooms.app.broadcast(rooms.onMessage, elsewhere)).rejects.toThrow();
    }
    await messages.expectSilence();

    for (let n = 0; n < 3; n += 1) await rooms.app.broadcast(rooms.onMessage, elsewhere);
    await messages.expectResult(brokerGap);
    await messages.expectSilence();

    await outage(emitter, rooms);
    await messages.expectResult(brokerGap);
    await messages.expectSilence();
  });

  test("P10 an error of the emitter's connections is told when it answers again, though nothing is asked of it", async () => {
    const emitter = new HeldEmitter();
    const rooms = await startRooms(wire, {}, { emitter });
    const client = await rooms.connect();
    const messages = await hearAsking(client);
    emitter.hold('on', 'acknowledgement');
    emitter.state.emit('error', new Error('ECONNRESET'));
    emitter.state.emit('error', new Error('ECONNREFUSED'));
    await emitter.whenHeld('on');
    await client.fence();
    expect([messages.unread, emitter.heldCount('on')]).toEqual([0, 1]);

    emitter.release('on');

    await messages.expectResult(brokerGap);
    await messages.expectSilence();
    expect(rooms.app.graphqlWs.health.status).toBe('up');
    // The group's own, that of all subscribers of the field, and that for orders.
    await expect.poll(() => emitter.listenerCount, { interval: 1 }).toBe(3);
  });

  test('P10 it comes after what arrived before, and before what arrives later', async () => {
    const emitter = new HeldEmitter();
    const slow = await startSlow(wire, {
      definition: {},
      options: { emitter },
      extensions: askForGaps,
    });
    await slow.hold();
    for (const text of ['1', '2']) await slow.send(text);
    await outage(emitter, slow);
    await slow.send('3');
    slow.release();

    await slow.messages.expectNext(message('held'));
    await slow.messages.expectNext(message('1'));
    await slow.messages.expectNext(message('2'));
    await slow.messages.expectResult(brokerGap);
    await slow.messages.expectNext(message('3'));
    await slow.messages.expectSilence();
  });

  test('P10 of outages that wait to be told the first and the last are, each in its place', async () => {
    const emitter = new HeldEmitter();
    const slow = await startSlow(wire, {
      definition: {},
      options: { emitter },
      extensions: askForGaps,
    });
    await slow.hold();
    await outage(emitter, slow);
    await slow.send('1');
    await outage(emitter, slow);
    await slow.send('2');
    await outage(emitter, slow);
    await slow.send('3');
    slow.release();

    await slow.messages.expectNext(message('held'));
    await slow.messages.expectResult(brokerGap);
    await slow.messages.expectNext(message('1'));
    await slow.messages.expectNext(message('2'));
    await slow.messages.expectResult(brokerGap);
    await slow.messages.expectNext(message('3'));
    await slow.messages.expectSilence();
  });

  test.each([
    [2, [queueGap(2), message('2'), brokerGap, message('3')]],
    [3, [queueGap(3), brokerGap, message('3'), message('4')]],
    [4, [queueGap(4), brokerGap, message('4'), message('5')]],
  ])(
    'P10 with %i dropped as well each is told at its place in the queue',
    async (dropped, expected) => {
      const emitter = new HeldEmitter();
      const slow = await startSlow(wire, {
        definition: { queueLimit: 2 },
        options: { emitter },
        extensions: askForGaps,
      });
      await slow.hold();
      for (const text of ['0', '1', '2']) await slow.send(text);
      await outage(emitter, slow);
      for (let n = 3; n < dropped + 2; n += 1) await slow.send(`${n}`);
      slow.release();

      await slow.messages.expectNext(message('held'));
      for (const each of expected) {
        if ('onMessage' in each) await slow.messages.expectNext(each);
        else await slow.messages.expectResult(each);
      }
      await slow.messages.expectSilence();
    },
  );

  test('P10 with a queue limit of 1 the outage is told all the same', async () => {
    const emitter = new HeldEmitter();
    const slow = await startSlow(wire, {
      definition: { queueLimit: 1 },
      options: { emitter },
      extensions: askForGaps,
    });
    await slow.hold();
    await slow.send('1');
    await outage(emitter, slow);
    await slow.send('2');
    slow.release();

    await slow.messages.expectNext(message('held'));
    await slow.messages.expectResult(brokerGap);
    await slow.messages.expectNext(message('2'));
    await slow.messages.expectSilence();
  });

  test('P10 a client that does not read is told when it reads again, in order', async () => {
    const emitter = new HeldEmitter();
    const limits = { bufferedBytes: 400_000 };
    const rooms = await startRooms(wire, {}, { emitter, limits });
    const client = await rooms.connect();
    const messages = await hearAsking(client);
    const text = 'x'.repeat(20_000);
    client.pause();
    let sent = 0;
    while (rooms.app.graphqlWs.stats().queued < 3) {
      await rooms.app.broadcast(rooms.onMessage, { group: 'red', payload: { text } });
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { bytes } = rooms.app.graphqlWs.stats();
    await outage(emitter, rooms);
    expect(rooms.app.graphqlWs.stats().bytes).toBeLessThanOrEqual(bytes);

    client.resume();

    for (let n = 0; n < sent; n += 1) await messages.expectNext(message(text));
    await messages.expectResult(brokerGap);
    await messages.expectSilence();
  });

  test('P10 it comes after the initial notification', async () => {
    const emitter = new HeldEmitter();
    const snapshot = createGate<RoomMessage>();
    const rooms = await startRooms(wire, { initial: () => snapshot.arrive() }, { emitter });
    const messages = await hearAsking(await rooms.connect());
    await snapshot.arrived();
    await outage(emitter, rooms);
    snapshot.open({ text: 'snapshot' });

    await messages.expectNext(message('snapshot'));
    await messages.expectResult(brokerGap);
    await messages.expectSilence();
  });

  test('P10 who is confirmed after the outage has missed nothing', async () => {
    const emitter = new HeldEmitter();
    const rooms = await startRooms(wire, {}, { emitter });
    const client = await rooms.connect();
    emitter.fail('emit', new Error('connection lost'), { times: 1 });
    await expect(rooms.app.broadcast(rooms.onMessage, elsewhere)).rejects.toThrow();

    const messages = await hearAsking(client);

    expect(rooms.app.graphqlWs.health.status).toBe('up');
    await messages.expectSilence();
  });

  test('P10 very many are told in slices, and no event overtakes that', async () => {
    const emitter = new HeldEmitter();
    const rooms = await startRooms(
      wire,
      {},
      { emitter, limits: { operationsPerConnection: 3_000 } },
    );
    const client = await rooms.connect();
    const all = Array.from({ length: 3_000 }, () =>
      client.start(hearRed, { extensions: askForGaps }),
    );
    await client.fence();
    await rooms.app.graphqlWs.settled();

    await outage(emitter, rooms);
    await rooms.app.broadcast(rooms.onMessage, { group: 'red', payload: { text: 'hi' } });

    for (const each of all) {
      await each.expectResult(brokerGap);
      await each.expectNext(message('hi'));
    }
    await client.expectSilence();
  });

  test('P10 operations that have ended are told nothing', async () => {
    const emitter = new HeldEmitter();
    const rooms = await startRooms(wire, {}, { emitter });
    const client = await rooms.connect();
    const stopped = await hearAsking(client);
    stopped.stop();
    if (wire.protocol === LEGACY) await stopped.expectComplete();
    await client.fence();
    const ended = await hearAsking(client);
    await rooms.app.graphqlWs.unsubscribe(rooms.onMessage);
    await ended.expectComplete();
    const left = await rooms.connect();
    await hearAsking(left);
    await left.close();

    await outage(emitter, rooms);

    await stopped.expectSilence();
    await ended.expectSilence();
  });
});
