import { createBroadcaster, defineSubscription } from '@groupcast/fastify';
import { MODERN } from '@groupcast/protocol';
import { expectNoLeaks } from '@groupcast/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { startPair } from './support/start-pair.ts';
import { hear, message, startHearing, startRooms } from './support/start-rooms.ts';
import { as, tagged } from './support/tagged.ts';
import { describeBoth } from './support/wires.ts';

const onMessage = defineSubscription({ subscribe: () => 'red' });

describeBoth('unsubscribe() in another process', (wire) => {
  test('E4 ends the subscriptions of a group with complete, and no others', async () => {
    const ended: unknown[] = [];
    const { here, there } = await startPair(wire, {
      unsubscribed: (reason, { rooms }) => ended.push([reason, rooms]),
    });
    const client = await there.connect();
    const red = [await hear(client, 'red'), await hear(client, 'red', 'blue')];
    const blue = await hear(client, 'blue');
    await client.subscribe('subscription { onNotice(rooms: ["red"]) { text } }');
    const local = await hear(await here.connect(), 'red');
    await here.app.graphqlWs.unsubscribe(here.onMessage, { group: 'red' });

    await local.expectComplete();
    for (const each of red) await each.expectComplete();
    await here.app.broadcast(here.onMessage, { group: 'red', payload: { text: 'late' } });
    await here.app.broadcast(here.onMessage, { group: 'blue', payload: { text: 'blue' } });
    await blue.expectNext(message('blue'));
    await client.expectSilence();
    expect(ended).toEqual([
      ['server', ['red']],
      ['server', ['red', 'blue']],
    ]);
    expect(there.app.graphqlWs.stats().operations).toBe(2);
  });

  test('E4 with an absent key ends all of the field, S2', async () => {
    const { here, there } = await startPair(wire);
    const client = await there.connect();
    const operations = [await hear(client), await hear(client, 'red'), await hear(client, '')];
    const notices = await client.subscribe('subscription { onNotice { text } }');
    await here.app.graphqlWs.unsubscribe('onMessage');
    for (const each of operations) await each.expectComplete();

    await here.app.broadcast('onNotice', { payload: { text: 'lives' } });
    await notices.expectNext({ onNotice: { text: 'lives' } });
    await client.expectSilence();
  });

  test('E4 reaches those whose subscribe is pending when it arrives', async () => {
    const subscribing = createGate();
    const ended: unknown[] = [];
    const { here, there } = await startPair(wire, {
      subscribe: async (_root, { rooms }) => {
        await subscribing.arrive();
        return rooms;
      },
      unsubscribed: (reason, { rooms }) => ended.push([reason, rooms]),
    });
    const client = await there.connect();
    const red = startHearing(client, 'red', 'green');
    const blue = startHearing(client, 'blue');
    await subscribing.arrived(2);
    await here.app.graphqlWs.unsubscribe('onMessage', { group: 'red' });
    subscribing.open();

    await red.expectComplete();
    await there.app.graphqlWs.settled();
    await here.app.broadcast('onMessage', { payload: { text: 'all' } });
    await blue.expectNext(message('all'));
    await client.expectSilence();
    expect(ended).toEqual([['server', ['red', 'green']]]);
  });

  test('E4 what was broadcast before it is heard, what is broadcast after it is not', async () => {
    const { here, there } = await startPair(wire);
    const messages = await hear(await there.connect(), 'red');
    const say = (text: string) => here.app.broadcast('onMessage', { payload: { text } });
    void say('before');
    await there.app.graphqlWs.settled();
    void here.app.graphqlWs.unsubscribe('onMessage', { group: 'red' });
    void say('after');

    await messages.expectNext(message('before'));
    await messages.expectComplete();
    await messages.expectSilence();
  });

  test('E4 is carried out once in each process: its own order does not come back to it', async () => {
    const { emitter, here, there } = await startPair(wire);
    const [near, far] = [await here.connect(), await there.connect()];
    const early = [await hear(near, 'red'), await hear(far, 'red')];
    emitter.hold('emit');
    const ordered = here.app.graphqlWs.unsubscribe('onMessage', { group: 'red' });
    await early[0]?.expectComplete();
    const again = await hear(near, 'red');
    emitter.release('emit');
    await ordered;
    await early[1]?.expectComplete();
    const farAgain = await hear(far, 'red');
    await here.app.broadcast('onMessage', { group: 'red', payload: { text: 'hi' } });

    for (const each of [again, farAgain]) await each.expectNext(message('hi'));
    await near.expectSilence();
    await far.expectSilence();
    expect(emitter.calls.filter((call) => call === 'emit groupcast:c')).toHaveLength(1);
  });

  test('E4 S4 does not reach apps of another namespace', async () => {
    const { here, there } = await startPair(wire, {}, { namespace: 'other' });
    const messages = await hear(await there.connect(), 'red');
    await here.app.graphqlWs.unsubscribe('onMessage');

    await messages.expectSilence();
  });

  test('E4 P9 a broadcaster without Fastify can order it', async () => {
    const { emitter, there } = await startPair(wire);
    const client = await there.connect();
    const [red, blue] = [await hear(client, 'red'), await hear(client, 'blue')];
    const worker = createBroadcaster({ emitter, subscriptions: { onMessage } });
    await worker.unsubscribe(onMessage, { group: 'red' });
    await red.expectComplete();
    await client.expectSilence();
    await worker.unsubscribe('onMessage');

    await blue.expectComplete();
  });
});

describeBoth('disconnect() in another process', (wire) => {
  test('E5 closes the connections with a tag, with code and reason, and no others', async () => {
    const { here, there } = await startPair(wire, {}, tagged);
    const ann = [await there.connect(as('ann', 'shop')), await there.connect(as('ann'))];
    const bob = await there.connect(as('bob', 'shop'));
    await here.app.graphqlWs.disconnect({ tag: 'ann' });
    for (const each of ann) await each.expectClose(4403, 'Forbidden');
    await bob.expectSilence();
    await here.app.graphqlWs.disconnect({ tag: 'shop', code: 4001, reason: 'ж'.repeat(100) });

    await bob.expectClose(4001, 'ж'.repeat(61));
  });

  test('E5 reaches those whose onConnect is pending and gives them the tag', async () => {
    const deciding = createGate();
    const { here, there } = await startPair(
      wire,
      {},
      {
        onConnect: async (connection) => {
          await deciding.arrive();
          return tagged.onConnect(connection);
        },
      },
    );
    const [ann, bob] = [await there.connect({ init: false }), await there.connect({ init: false })];
    ann.send({ type: 'connection_init', payload: { tags: ['x', 'ann'] } });
    bob.send({ type: 'connection_init', payload: { tags: ['bob'] } });
    await deciding.arrived(2);
    await here.app.graphqlWs.disconnect({ tag: 'ann', reason: 'Signed out' });
    deciding.open();

    await ann.expectClose(4403, 'Signed out');
    await bob.expectMessage({ type: 'connection_ack' });
    await bob.expectSilence();
    expect(ann.transcript()).not.toContain('connection_ack');
  });

  test('E5 S4 does not reach apps of another namespace', async () => {
    const { here, there } = await startPair(wire, {}, { namespace: 'other', ...tagged });
    const client = await there.connect(as('ann'));
    await here.app.graphqlWs.disconnect({ tag: 'ann' });

    await client.expectSilence();
  });

  test('E5 P9 a broadcaster without Fastify can order it, in the namespace that it is given', async () => {
    const { emitter, there } = await startPair(wire, {}, { namespace: 'shop', ...tagged });
    const client = await there.connect(as('ann'));
    await createBroadcaster({ emitter, subscriptions: {} }).disconnect({ tag: 'ann' });
    await client.expectSilence();
    const worker = createBroadcaster({ emitter, namespace: 'shop', subscriptions: {} });
    await worker.disconnect({ tag: 'ann', code: 4001, reason: 'Signed out' });

    await client.expectClose(4001, 'Signed out');
  });
});

const memory = { protocol: MODERN, transport: 'memory' } as const;

test('E5 any string is a tag: it arrives as it was given', async () => {
  const { here, there } = await startPair(memory, {}, tagged);
  for (const tag of ['', 'ключ', '😀', 'a"\\\u0000\u2028', '__proto__', '{"$date":1}']) {
    const client = await there.connect(as(tag));
    await here.app.graphqlWs.disconnect({ tag });
    await client.expectClose(4403);
  }
});

test('E4 E5 a broadcaster refuses what it does not know, and what comes after its close', async () => {
  const emitter = new HeldEmitter();
  const worker = createBroadcaster({ emitter, subscriptions: { onMessage } });
  await expect(worker.unsubscribe('onMesage')).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN',
  });
  await expect(
    Reflect.apply(worker.unsubscribe, undefined, [onMessage, undefined]),
  ).rejects.toMatchObject({ code: 'GROUPCAST_ERR_GROUP_INVALID' });
  await expect(worker.disconnect({ tag: 'ann', code: 1006 })).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_CLOSE_CODE_INVALID',
  });
  emitter.hold('emit', 'acknowledgement');
  const underWay = worker.disconnect({ tag: 'ann' });
  const closing = worker.close();
  await expect(worker.disconnect({ tag: 'ann' })).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_BROADCASTER_CLOSED',
  });
  emitter.release('emit');

  await underWay;
  await closing;
  expect(emitter.calls).toEqual(['emit groupcast:c']);
});

test('the listener for orders is no figure and no leak, and goes when the app closes', async () => {
  const emitter = new HeldEmitter();
  const { app } = await startRooms(memory, {}, { emitter });
  expect(emitter.listenerCount).toBe(1);
  expect(app.graphqlWs.stats().emitterListeners).toBe(0);
  await expectNoLeaks(app);
  await app.close();

  expect(emitter.listenerCount).toBe(0);
  expect(app.graphqlWs.stats().emitterListeners).toBe(0);
});

test('E4 E5 a forgotten await ends no process, and each failure is logged once', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const emitter = new HeldEmitter();
  const { app, log } = await startRooms(memory, {}, { emitter });
  emitter.fail('emit', new Error('connection lost'));
  void app.graphqlWs.unsubscribe('onMessage');
  void app.graphqlWs.disconnect({ tag: 'ann' });
  await app.graphqlWs.settled();
  await new Promise((resolve) => setImmediate(resolve));

  expect(unhandled).toEqual([]);
  expect(log.filter(({ level }) => level === 'error')).toHaveLength(2);
});
