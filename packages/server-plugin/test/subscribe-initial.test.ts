import { SKIP } from '@groupcast/fastify';
import { LEGACY } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import {
  hear,
  message,
  type RoomMessage,
  startHearing,
  startRooms,
} from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

describeBoth('the initial notification', (wire) => {
  test('S7 initial makes the first notification, of root, args, context and info', async () => {
    const calls: unknown[][] = [];
    const context = { user: 'ann' };
    const { app, connect, onMessage } = await startRooms(
      wire,
      {
        initial: (root, args, given, info) => {
          calls.push([root, args, given, info.fieldName]);
          return { text: 'snapshot' };
        },
        publish: ({ text }) => ({ text: `${text}!` }),
      },
      { context: () => context },
    );
    const messages = await hear(await connect(), 'red');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'event' } });

    await messages.expectNext(message('snapshot!'));
    await messages.expectNext(message('event!'));
    await messages.expectSilence();
    expect(calls).toEqual([[undefined, { rooms: ['red'] }, context, 'onMessage']]);
    expect(calls[0]?.[2]).toBe(context);
  });

  test('S7 initial runs after the broker has acknowledged every group, not before', async () => {
    const emitter = new HeldEmitter();
    let calls = 0;
    const { connect } = await startRooms(
      wire,
      {
        initial: () => {
          calls += 1;
          return { text: 'snapshot' };
        },
      },
      { emitter },
    );
    const client = await connect();
    emitter.hold('on');
    const messages = startHearing(client, 'red', 'blue');
    await emitter.whenHeld('on', 3);
    for (let joined = 0; joined < 3; joined += 1) {
      await client.fence();
      expect(calls).toBe(0);
      emitter.releaseNext('on');
    }

    await messages.expectNext(message('snapshot'));
    expect(calls).toBe(1);
  });

  test('S7 no event is lost between the joining of a group and the initial notification', async () => {
    const emitter = new HeldEmitter();
    const snapshot = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(
      wire,
      { initial: () => snapshot.arrive() },
      { emitter },
    );
    const client = await connect();
    const send = (text: string) => app.broadcast(onMessage, { group: 'red', payload: { text } });
    emitter.hold('on', 'acknowledgement');
    const messages = startHearing(client, 'red');
    await emitter.whenHeld('on', 2);
    await send('while the acknowledgement is on its way');
    emitter.release('on');
    await snapshot.arrived();
    await send('while initial runs');
    await app.broadcast(onMessage, { payload: { text: 'to all while initial runs' } });
    await client.fence();
    expect(messages.unread).toBe(0);
    snapshot.open({ text: 'snapshot' });
    await send('after it');

    for (const text of [
      'snapshot',
      'while the acknowledgement is on its way',
      'while initial runs',
      'to all while initial runs',
      'after it',
    ]) {
      await messages.expectNext(message(text));
    }
    await messages.expectSilence();
  });

  test('S7 initial is asked for each subscriber, and filter is not asked about it', async () => {
    const { app, connect, onMessage } = await startRooms(
      wire,
      {
        initial: (_root, _args, context) => ({ text: `for ${Reflect.get(context, 'user')}` }),
        filter: ({ text }) => text !== 'for ann' && text !== 'secret',
      },
      { context: ({ connection }) => ({ user: connection.params['user'] }) },
    );
    const ann = await hear(await connect({ params: { user: 'ann' } }), 'red');
    const bob = await hear(await connect({ params: { user: 'bob' } }), 'red');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'secret' } });

    await ann.expectNext(message('for ann'));
    await bob.expectNext(message('for bob'));
    await ann.expectSilence();
    await bob.expectSilence();
  });

  test('S7 initial may skip', async () => {
    const { app, connect, onMessage } = await startRooms(wire, { initial: async () => SKIP });
    const messages = await hear(await connect(), 'red');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'event' } });

    await messages.expectNext(message('event'));
    await messages.expectSilence();
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no snapshot');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('no snapshot');
      },
    ],
  ])(
    'S7 an initial that %s gives null with the error, and the subscription lives',
    async (...row) => {
      const [, initial] = row;
      const { app, connect, log, onMessage } = await startRooms(wire, { initial });
      const messages = await hear(await connect(), 'red');
      await messages.expectResult({
        data: { onMessage: null },
        errors: [
          {
            message: 'Internal server error',
            locations: [{ line: 1, column: 36 }],
            path: ['onMessage'],
            extensions: { code: 'INTERNAL_SERVER_ERROR' },
          },
        ],
      });
      await app.broadcast(onMessage, { group: 'red', payload: { text: 'event' } });

      await messages.expectNext(message('event'));
      expect(log.filter(({ level }) => level === 'error')).toEqual([
        expect.objectContaining({
          details: { err: expect.objectContaining({ message: 'no snapshot' }) },
        }),
      ]);
    },
  );

  test('S7 a stop while initial runs drops what it gives', async () => {
    const snapshot = createGate<RoomMessage>();
    const reasons: string[] = [];
    const { app, connect, onMessage } = await startRooms(wire, {
      initial: () => snapshot.arrive(),
      unsubscribed: (reason) => reasons.push(reason),
    });
    const client = await connect();
    const messages = startHearing(client, 'red');
    await snapshot.arrived();
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'event' } });
    messages.stop();
    await client.fence();
    expect(reasons).toEqual(['client']);
    snapshot.open({ text: 'late' });
    await app.graphqlWs.settled();

    if (wire.protocol === LEGACY) await messages.expectComplete();
    await messages.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0, queued: 0 });
  });
});
