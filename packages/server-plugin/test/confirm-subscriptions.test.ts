import { LEGACY } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { startApp } from './support/start-app.ts';
import { message, startHearing, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

const query = 'subscription { onMessage(rooms: ["red", "blue"]) { text } }';
const confirmed = { data: null };
const asked = { groupcast: { v: 1, confirm: true } };
const answered = { data: null, extensions: { groupcast: { v: 1, confirmed: true } } };

describeBoth('the confirmation of a subscription', (wire) => {
  test('E1 with confirmSubscriptions the first message is a result whose data is null', async () => {
    const options = { confirmSubscriptions: true };
    const { app, connect, onMessage } = await startRooms(wire, {}, options);
    const messages = (await connect()).start(query);
    await messages.expectResult(confirmed);
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

    await messages.expectNext(message('hi'));
    await messages.expectSilence();
  });

  test('E1 it comes after the broker has acknowledged every group, and before any notification', async () => {
    const emitter = new HeldEmitter();
    const options = { confirmSubscriptions: true, emitter };
    const { app, connect, onMessage } = await startRooms(wire, {}, options);
    const client = await connect();
    emitter.hold('on', 'acknowledgement');
    const messages = client.start(query);
    await emitter.whenHeld('on', 3);
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'early' } });
    for (let joined = 0; joined < 3; joined += 1) {
      await client.fence();
      expect(messages.unread).toBe(0);
      emitter.releaseNext('on');
    }
    await messages.expectResult(confirmed);
    await messages.expectNext(message('early'));
    emitter.release('on');
    await messages.expectSilence();
  });

  test('E1 who joins a group that another waits for is confirmed by the same acknowledgement', async () => {
    const emitter = new HeldEmitter();
    const options = { confirmSubscriptions: true, emitter };
    const { connect } = await startRooms(wire, {}, options);
    const client = await connect();
    emitter.hold('on', 'acknowledgement');
    const first = startHearing(client, 'red');
    await emitter.whenHeld('on', 2);
    const second = startHearing(client, 'red');
    await client.fence();
    expect([first.unread, second.unread]).toEqual([0, 0]);
    emitter.release('on');

    await first.expectResult(confirmed);
    await second.expectResult(confirmed);
    expect(emitter.calls.filter((call) => /^on .*:[fg]:/.test(call))).toHaveLength(2);
  });

  test('E1 it comes before the initial notification', async () => {
    const snapshot = createGate<{ text: string }>();
    const { connect } = await startRooms(
      wire,
      { initial: () => snapshot.arrive() },
      { confirmSubscriptions: true },
    );
    const messages = (await connect()).start(query);
    await snapshot.arrived();
    await messages.expectResult(confirmed);
    snapshot.open({ text: 'snapshot' });
    await messages.expectNext(message('snapshot'));
  });

  test('E1 a client may ask for it per operation, and others never see it', async () => {
    const { app, connect, onMessage } = await startRooms(wire);
    const client = await connect();
    const asking = client.start(query, { extensions: asked });
    const others = [
      client.start(query),
      client.start(query, { extensions: {} }),
      client.start(query, { extensions: { groupcast: { v: 1, confirm: false } } }),
      client.start(query, { extensions: { groupcast: { v: 2, confirm: true } } }),
      client.start(query, { extensions: { groupcast: 'confirm' } }),
      client.start(query, { extensions: { groupcast: null } }),
    ];
    await asking.expectResult(answered);
    await app.graphqlWs.settled();
    await app.broadcast(onMessage, { group: 'blue', payload: { text: 'hi' } });

    for (const each of [asking, ...others]) {
      await each.expectNext(message('hi'));
      await each.expectSilence();
    }
  });

  test('E1 who asks where all are confirmed gets one confirmation, in the form asked for', async () => {
    const { connect } = await startRooms(wire, {}, { confirmSubscriptions: true });
    const messages = (await connect()).start(query, { extensions: asked });

    await messages.expectResult(answered);
    await messages.expectSilence();
  });

  test('E1 plain subscriptions are confirmed too, queries and mutations are not', async () => {
    const { connect } = await startApp(wire, {
      typeDefs: `
        type Query { hello: String }
        type Mutation { work: String }
        type Subscription { count: Int }
      `,
      resolvers: {
        Query: { hello: () => 'world' },
        Mutation: { work: () => 'done' },
        Subscription: {
          count: {
            subscribe: async function* () {
              yield { count: 1 };
            },
          },
        },
      },
      confirmSubscriptions: true,
    });
    const client = await connect();
    const count = client.start('subscription { count }');
    await count.expectResult(confirmed);
    await count.expectNext({ count: 1 });
    await count.expectComplete();
    for (const [text, data] of [
      ['{ hello }', { hello: 'world' }],
      ['mutation { work }', { work: 'done' }],
    ] as const) {
      const operation = client.start(text, { extensions: asked });
      await operation.expectNext(data);
      await operation.expectComplete();
    }
  });

  test('E1 a refused subscription is not confirmed', async () => {
    const { connect } = await startRooms(
      wire,
      {
        subscribe: () => {
          throw new Error('not you');
        },
      },
      { confirmSubscriptions: true },
    );
    const messages = (await connect()).start(query);

    await messages.expectError('Internal server error');
    await messages.expectSilence();
  });

  const lost = new Error('no more listeners');
  test.each<[string, (emitter: HeldEmitter) => void, (emitter: HeldEmitter) => void]>([
    ['by a throw', (emitter) => emitter.fail('on', lost, { way: 'throw', times: 1 }), () => {}],
    ['by its callback', (emitter) => emitter.fail('on', lost, { times: 1 }), () => {}],
    [
      'late, after others were joined',
      (emitter) => emitter.hold('on', 'acknowledgement'),
      (emitter) => {
        emitter.releaseNext('on');
        emitter.releaseNext('on', lost);
        emitter.release('on');
      },
    ],
  ])('E1 a group that is refused %s means an error, and leaves nothing behind', async (...row) => {
    const [, before, afterwards] = row;
    const emitter = new HeldEmitter();
    const reasons: string[] = [];
    const { app, connect, log, onMessage } = await startRooms(
      wire,
      { unsubscribed: (reason) => reasons.push(reason) },
      { confirmSubscriptions: true, emitter },
    );
    const client = await connect();
    before(emitter);
    const messages = client.start(query);
    await client.fence();
    afterwards(emitter);
    const [error] = await messages.expectError('could not be joined');
    expect(error).toMatchObject({ extensions: { code: 'BROKER_UNAVAILABLE' } });
    await messages.expectSilence();

    expect(reasons).toEqual(['error']);
    expect(log.filter(({ message: text }) => text.startsWith('Groups could not'))).toHaveLength(1);
    expect(app.graphqlWs.stats()).toMatchObject({
      operations: 0,
      groups: 0,
      members: 0,
      emitterListeners: 0,
    });
    const again = client.start(query);
    await again.expectResult(confirmed);
    await app.broadcast(onMessage, { group: 'blue', payload: { text: 'works again' } });
    await again.expectNext(message('works again'));
  });

  test('E1 a stop before the acknowledgement means that none comes', async () => {
    const emitter = new HeldEmitter();
    const options = { confirmSubscriptions: true, emitter };
    const { app, connect } = await startRooms(wire, {}, options);
    const client = await connect();
    emitter.hold('on', 'acknowledgement');
    const messages = client.start(query);
    await emitter.whenHeld('on', 3);
    messages.stop();
    await client.fence();
    emitter.release('on');

    if (wire.protocol === LEGACY) await messages.expectComplete();
    await messages.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ groups: 0, members: 0, emitterListeners: 0 });
  });
});
