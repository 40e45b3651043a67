import { MODERN } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { hear, message, startHearing, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

describeBoth('app.graphqlWs.unsubscribe()', (wire) => {
  test('E4 ends the subscriptions of a group with complete, and no others', async () => {
    const ended: unknown[] = [];
    const { app, connect, onMessage } = await startRooms(wire, {
      unsubscribed: (reason, { rooms }) => ended.push([reason, rooms]),
    });
    const [ann, bob] = [await connect(), await connect()];
    const red = await hear(ann, 'red');
    const both = await hear(bob, 'red', 'blue');
    const blue = await hear(bob, 'blue');
    const nameless = await hear(ann);
    const notices = await ann.subscribe('subscription { onNotice(rooms: ["red"]) { text } }');
    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });

    await red.expectComplete();
    await both.expectComplete();
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'late' } });
    await app.broadcast(onMessage, { group: 'blue', payload: { text: 'blue' } });
    await blue.expectNext(message('blue'));
    await ann.expectSilence();
    await bob.expectSilence();
    expect(ended).toEqual([
      ['server', ['red']],
      ['server', ['red', 'blue']],
    ]);
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 3, members: 5 });
    expect([nameless.unread, notices.unread]).toEqual([0, 0]);
  });

  test.each<[string, object | undefined]>([
    ['an absent key', {}],
    ['no options at all', undefined],
  ])('E4 with %s ends all of the field, S2', async (_name, options) => {
    const { app, connect, onNotice } = await startRooms(wire);
    const client = await connect();
    const operations = [await hear(client), await hear(client, 'red'), await hear(client, '')];
    const notices = await client.subscribe('subscription { onNotice { text } }');
    await app.graphqlWs.unsubscribe('onMessage', ...(options ? [options] : []));
    for (const each of operations) await each.expectComplete();

    await app.broadcast(onNotice, { payload: { text: 'lives' } });
    await notices.expectNext({ onNotice: { text: 'lives' } });
    await client.expectSilence();
  });

  test('E4 with a group that nobody is in ends nothing', async () => {
    const { app, connect, onMessage } = await startRooms(wire);
    const client = await connect();
    await hear(client, 'red');
    await hear(client);
    await app.graphqlWs.unsubscribe(onMessage, { group: '' });

    await client.expectSilence();
    expect(app.graphqlWs.stats().operations).toBe(2);
  });

  test('E4 reaches those whose subscribe is pending, when they turn out to be in the group', async () => {
    const subscribing = createGate();
    const ended: unknown[] = [];
    const { app, connect, onMessage } = await startRooms(wire, {
      subscribe: async (_root, { rooms }) => {
        await subscribing.arrive();
        return rooms;
      },
      unsubscribed: (reason, { rooms }) => ended.push([reason, rooms]),
    });
    const client = await connect();
    const red = startHearing(client, 'red', 'green');
    const blue = startHearing(client, 'blue');
    await subscribing.arrived(2);
    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });
    subscribing.open();

    await red.expectComplete();
    await red.expectSilence();
    await app.broadcast(onMessage, { payload: { text: 'all' } });
    await blue.expectNext(message('all'));
    await client.expectSilence();
    expect(ended).toEqual([['server', ['red', 'green']]]);
  });

  test('E4 without a group reaches all whose subscribe is pending, and none that come later', async () => {
    const subscribing = createGate();
    const { app, connect, onMessage } = await startRooms(wire, {
      subscribe: async (_root, { rooms }) => {
        await subscribing.arrive();
        return rooms;
      },
    });
    const client = await connect();
    const early = [startHearing(client), startHearing(client, 'red')];
    await subscribing.arrived(2);
    await app.graphqlWs.unsubscribe(onMessage);
    const late = startHearing(client, 'red');
    await subscribing.arrived(3);
    subscribing.open();

    for (const each of early) await each.expectComplete();
    await app.graphqlWs.settled();
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    await late.expectNext(message('hi'));
    await client.expectSilence();
  });

  test('E4 of another field does not reach those whose subscribe is pending', async () => {
    const subscribing = createGate();
    const { app, connect, onMessage, onNotice } = await startRooms(wire, {
      subscribe: async () => {
        await subscribing.arrive();
        return 'red';
      },
    });
    const client = await connect();
    const messages = startHearing(client);
    await subscribing.arrived();
    await app.graphqlWs.unsubscribe(onNotice);
    await app.graphqlWs.unsubscribe(onMessage, { group: 'blue' });
    subscribing.open();
    await app.graphqlWs.settled();

    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    await messages.expectNext(message('hi'));
    await client.expectSilence();
  });

  test('E4 reaches those whose groups are being joined, and those whose initial is pending', async () => {
    const emitter = new HeldEmitter();
    const snapshot = createGate<{ text: string }>();
    const { app, connect, onMessage } = await startRooms(
      wire,
      { initial: () => snapshot.arrive() },
      { emitter },
    );
    const client = await connect();
    const snapping = startHearing(client, 'red');
    await snapshot.arrived();
    emitter.hold('on');
    const joining = startHearing(client, 'red', 'blue');
    await emitter.whenHeld('on');
    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });
    await snapping.expectComplete();
    await joining.expectComplete();
    emitter.release('on');
    snapshot.open({ text: 'late' });

    await client.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({
      operations: 0,
      groups: 0,
      members: 0,
      emitterListeners: 0,
    });
  });

  test('E4 frees the ids: a client may subscribe again at once', async () => {
    const { app, connect, onMessage } = await startRooms(wire);
    const client = await connect();
    const query = 'subscription { onMessage(rooms: ["red"]) { text } }';
    const first = await client.subscribe(query, { id: 'same' });
    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });
    await first.expectComplete();
    const second = await client.subscribe(query, { id: 'same' });
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

    await second.expectNext(message('hi'));
  });
});

const memory = { protocol: MODERN, transport: 'memory' } as const;

test.each<[string, unknown[], string]>([
  ['an unknown field', ['onMesage'], 'GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN'],
  ['no field', [], 'GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN'],
  ['group: undefined', ['onMessage', { group: undefined }], 'GROUPCAST_ERR_GROUP_INVALID'],
  ['group: null', ['onMessage', { group: null }], 'GROUPCAST_ERR_GROUP_INVALID'],
  ['a group that is a number', ['onMessage', { group: 7 }], 'GROUPCAST_ERR_GROUP_INVALID'],
  ['a misspelt key', ['onMessage', { groups: 'red' }], 'GROUPCAST_ERR_GROUP_INVALID'],
  ['null in place of options', ['onMessage', null], 'GROUPCAST_ERR_GROUP_INVALID'],
  ['a string in place of options', ['onMessage', 'red'], 'GROUPCAST_ERR_GROUP_INVALID'],
])('E4 %s rejects instead of ending everybody', async (_name, args, code) => {
  const { app, connect } = await startRooms(memory);
  const client = await connect();
  await hear(client, 'red');
  const call: Promise<void> = Reflect.apply(app.graphqlWs.unsubscribe, app.graphqlWs, args);

  await expect(call).rejects.toMatchObject({
    code,
    message: expect.stringContaining('Cannot unsubscribe: '),
  });
  await client.expectSilence();
  expect(app.graphqlWs.stats().operations).toBe(1);
});
