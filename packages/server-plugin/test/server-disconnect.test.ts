import { MODERN } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { hear, message, startRooms } from './support/start-rooms.ts';
import { as, tagged } from './support/tagged.ts';
import { describeBoth } from './support/wires.ts';

describeBoth('app.graphqlWs.disconnect()', (wire) => {
  test('E5 closes the connections with a tag, and no others', async () => {
    const { app, connect, onMessage } = await startRooms(wire, {}, tagged);
    const ann = [await connect(as('ann', 'shop')), await connect(as('ann'))];
    const bob = await connect(as('bob', 'shop'));
    const messages = await hear(bob, 'red');
    await app.graphqlWs.disconnect({ tag: 'ann' });

    for (const each of ann) await each.expectClose(4403, 'Forbidden');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    await messages.expectNext(message('hi'));
    await app.graphqlWs.disconnect({ tag: 'shop' });
    await bob.expectClose(4403, 'Forbidden');
  });

  test('E5 closes with the code and the reason that it is given', async () => {
    const { app, connect } = await startRooms(wire, {}, tagged);
    const client = await connect(as('ann'));
    await app.graphqlWs.disconnect({ tag: 'ann', code: 4001, reason: 'Signed out' });
    await client.expectClose(4001, 'Signed out');

    const other = await connect(as('ann'));
    await app.graphqlWs.disconnect({ tag: 'ann', code: 1000, reason: 'ж'.repeat(100) });
    await other.expectClose(1000, 'ж'.repeat(61));
  });

  test('E5 ends what runs on them: unsubscribed and onDisconnect are told', async () => {
    const events: unknown[] = [];
    const told = createGate();
    const { app, connect, onMessage } = await startRooms(
      wire,
      { unsubscribed: (reason) => events.push(['unsubscribed', reason]) },
      {
        ...tagged,
        onDisconnect: (connection, code, reason) => {
          events.push(['onDisconnect', connection.params, code, reason]);
          void told.arrive();
        },
      },
    );
    const client = await connect(as('ann'));
    const messages = await hear(client, 'red');
    await app.graphqlWs.disconnect({ tag: 'ann' });
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'late' } });
    await client.expectClose(4403);
    await told.arrived();

    expect(messages.unread).toBe(0);
    expect(events).toEqual([
      ['unsubscribed', 'disconnect'],
      ['onDisconnect', { tags: ['ann'] }, 4403, 'Forbidden'],
    ]);
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, groups: 0, members: 0 });
  });

  test('E5 reaches those whose onConnect is pending and gives them the tag', async () => {
    const deciding = createGate();
    const { app, connect } = await startRooms(
      wire,
      {},
      {
        onConnect: async (connection) => {
          await deciding.arrive();
          return tagged.onConnect(connection);
        },
      },
    );
    const ann = await connect({ init: false });
    const bob = await connect({ init: false });
    ann.send({ type: 'connection_init', payload: { tags: ['x', 'ann'] } });
    bob.send({ type: 'connection_init', payload: { tags: ['bob'] } });
    await deciding.arrived(2);
    await app.graphqlWs.disconnect({ tag: 'ann', reason: 'Signed out' });
    await app.graphqlWs.disconnect({ tag: 'nobody' });
    expect(ann.isOpen).toBe(true);
    deciding.open();

    await ann.expectClose(4403, 'Signed out');
    await bob.expectMessage({ type: 'connection_ack' });
    await bob.expectSilence();
    expect(ann.transcript()).not.toContain('connection_ack');
  });

  test('E5 does not reach those who connect afterwards, or have said nothing yet', async () => {
    const { app, connect } = await startRooms(wire, {}, tagged);
    const silent = await connect({ init: false });
    await app.graphqlWs.disconnect({ tag: 'ann' });
    silent.send({ type: 'connection_init', payload: { tags: ['ann'] } });
    await silent.expectMessage({ type: 'connection_ack' });
    const late = await connect(as('ann'));

    await silent.expectSilence();
    await late.expectSilence();
  });

  test('E5 frees a client that comes back at once from its old connection', async () => {
    const { app, connect, onMessage } = await startRooms(wire, {}, tagged);
    const old = await connect(as('ann'));
    await hear(old, 'red');
    await app.graphqlWs.disconnect({ tag: 'ann' });
    const back = await connect(as('ann'));
    const messages = await hear(back, 'red');
    await old.expectClose(4403);
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

    await messages.expectNext(message('hi'));
    await messages.expectSilence();
  });
});

test.each<[string, unknown, string]>([
  ['no options', undefined, 'GROUPCAST_ERR_TAG_INVALID'],
  ['null', null, 'GROUPCAST_ERR_TAG_INVALID'],
  ['no tag', {}, 'GROUPCAST_ERR_TAG_INVALID'],
  ['a tag that is a number', { tag: 7 }, 'GROUPCAST_ERR_TAG_INVALID'],
  ['a code that is reserved', { tag: 'ann', code: 1006 }, 'GROUPCAST_ERR_CLOSE_CODE_INVALID'],
  ['a code that is too low', { tag: 'ann', code: 999 }, 'GROUPCAST_ERR_CLOSE_CODE_INVALID'],
  ['a code that is too high', { tag: 'ann', code: 5000 }, 'GROUPCAST_ERR_CLOSE_CODE_INVALID'],
  ['a code that is broken', { tag: 'ann', code: 4000.5 }, 'GROUPCAST_ERR_CLOSE_CODE_INVALID'],
])('E5 %s rejects, and nobody is disconnected', async (_name, options, code) => {
  const { app, connect } = await startRooms({ protocol: MODERN, transport: 'memory' }, {}, tagged);
  const client = await connect(as('ann', 'undefined', '7'));
  const call: Promise<void> = Reflect.apply(app.graphqlWs.disconnect, app.graphqlWs, [options]);

  await expect(call).rejects.toMatchObject({ code });
  await client.expectSilence();
});
