import mqemitter from 'mqemitter';
import { expect, test } from 'vitest';
import { HeldEmitter } from './support/held-emitter.ts';
import { hear, message, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

describeBoth('two apps on one emitter', (wire) => {
  test('P6 what one broadcasts reaches the subscribers of both, in the order of its calls', async () => {
    const emitter = mqemitter();
    const [one, two] = [
      await startRooms(wire, {}, { emitter }),
      await startRooms(wire, {}, { emitter }),
    ];
    const operations = [
      await hear(await one.connect(), 'red'),
      await hear(await two.connect(), 'red', 'blue'),
    ];
    const blue = await hear(await two.connect(), 'blue');
    const texts = Array.from({ length: 30 }, (_, n) => `${n}`);
    for (const text of texts) {
      void one.app.broadcast(one.onMessage, { group: 'red', payload: { text } });
    }
    await one.app.broadcast(one.onMessage, { payload: { text: 'all' } });

    for (const each of operations) {
      for (const text of [...texts, 'all']) await each.expectNext(message(text));
      await each.expectSilence();
    }
    await blue.expectNext(message('all'));
    await blue.expectSilence();
  });

  test('S4 different namespaces never meet', async () => {
    const emitter = mqemitter();
    const [one, two] = [
      await startRooms(wire, {}, { emitter, namespace: 'one' }),
      await startRooms(wire, {}, { emitter, namespace: 'two' }),
    ];
    const ours = await hear(await one.connect(), 'red');
    const theirs = await hear(await two.connect(), 'red');
    await one.app.broadcast(one.onMessage, { group: 'red', payload: { text: 'group' } });
    await one.app.broadcast(one.onMessage, { payload: { text: 'all' } });

    await ours.expectNext(message('group'));
    await ours.expectNext(message('all'));
    await theirs.expectSilence();
  });

  test('an app that closes leaves the emitter open, and takes its listeners along', async () => {
    const emitter = new HeldEmitter();
    const [one, two] = [
      await startRooms(wire, {}, { emitter }),
      await startRooms(wire, {}, { emitter }),
    ];
    const gone = await one.connect();
    await hear(gone, 'red');
    const messages = await hear(await two.connect(), 'red');
    // For the group, the field, and orders.
    expect(emitter.listenerCount).toBe(3 + 3);
    await one.app.close();
    await gone.expectClose(1012);

    expect(emitter.listenerCount).toBe(3);
    expect(emitter.calls.filter((call) => call.startsWith('close'))).toEqual([]);
    await two.app.broadcast(two.onMessage, { group: 'red', payload: { text: 'hi' } });
    await messages.expectNext(message('hi'));
  });

  test('each has figures of its own', async () => {
    const emitter = mqemitter();
    const [one, two] = [
      await startRooms(wire, {}, { emitter }),
      await startRooms(wire, {}, { emitter }),
    ];
    await hear(await one.connect(), 'red', 'blue');

    expect(one.app.graphqlWs.stats()).toMatchObject({ connections: 1, operations: 1, members: 3 });
    expect(two.app.graphqlWs.stats()).toMatchObject({ connections: 0, operations: 0, members: 0 });
  });
});
