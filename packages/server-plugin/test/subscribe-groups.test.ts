import type { GroupNames } from '@groupcast/fastify';
import { LEGACY } from '@groupcast/protocol';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { hear, message, startHearing, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

describeBoth('the groups of a subscription', (wire) => {
  test('S1 subscribe runs once, with root, args, context and info', async () => {
    const calls: unknown[][] = [];
    const context = { user: 'ann' };
    const { app, connect, onMessage } = await startRooms(
      wire,
      {
        subscribe: (root, args, given, info) => {
          calls.push([root, args, given, info.fieldName]);
          return args.rooms;
        },
      },
      { context: () => context },
    );
    const messages = await hear(await connect(), 'red', 'blue');
    for (const group of ['red', 'blue']) {
      await app.broadcast(onMessage, { group, payload: { text: group } });
      await messages.expectNext(message(group));
    }

    expect(calls).toHaveLength(1);
    expect(calls[0]).toEqual([undefined, { rooms: ['red', 'blue'] }, context, 'onMessage']);
    expect(calls[0]?.[2]).toBe(context);
  });

  test.each<[string, () => GroupNames | Promise<GroupNames>]>([
    ['a string', () => 'red'],
    ['an array', () => ['green', 'red']],
    ['a promise of a string', async () => 'red'],
    ['a promise of an array', async () => ['red', 'green']],
  ])('S1 subscribe names the groups by %s', async (_name, subscribe) => {
    const { app, connect, onMessage } = await startRooms(wire, { subscribe });
    const messages = await hear(await connect());
    await app.broadcast(onMessage, { group: 'blue', payload: { text: 'not for me' } });
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'for me' } });

    await messages.expectNext(message('for me'));
    await messages.expectSilence();
  });

  test.each<[string, () => GroupNames | Promise<GroupNames>]>([
    ['undefined', () => undefined],
    ['null', () => null],
    ['an empty array', () => []],
    ['a promise of nothing', async () => undefined],
    ['a promise of an empty array', async () => []],
  ])(
    'S2 who names no group, by %s, hears only broadcasts without one',
    async (_name, subscribe) => {
      const { app, connect, onMessage } = await startRooms(wire, { subscribe });
      const messages = await hear(await connect());
      await app.broadcast(onMessage, { group: '', payload: { text: 'to a group' } });
      await app.broadcast(onMessage, { payload: { text: 'to all' } });

      await messages.expectNext(message('to all'));
      await messages.expectSilence();
    },
  );

  test('S2 a broadcast without a group reaches all subscribers of that field, each once', async () => {
    const { app, connect, onMessage } = await startRooms(wire);
    const client = await connect();
    const operations = [
      await hear(client),
      await hear(client, 'red'),
      await hear(client, 'red', 'blue'),
      await hear(await connect(), ''),
    ];
    const notices = await client.subscribe('subscription { onNotice { text } }');
    await app.broadcast(onMessage, { payload: { text: 'to all' } });

    for (const each of operations) {
      await each.expectNext(message('to all'));
      await each.expectSilence();
    }
    await notices.expectSilence();
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['an array', ['red']],
  ])('S2 a group that is %s rejects and reaches nobody', async (_name, group) => {
    const { app, connect } = await startRooms(wire);
    const client = await connect();
    const all = await hear(client);
    const red = await hear(client, 'red', 'undefined', 'null', '7');
    const wrong: { payload: unknown; group?: string } = { payload: { text: 'oops' } };
    Object.assign(wrong, { group });

    await expect(app.broadcast('onMessage', wrong)).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_GROUP_INVALID',
    });
    await all.expectSilence();
    await red.expectSilence();
  });

  test("S2 '' is a group like any other", async () => {
    const { app, connect, onMessage } = await startRooms(wire);
    const client = await connect();
    const nameless = await hear(client, '');
    const red = await hear(client, 'red');
    await app.broadcast(onMessage, { group: '', payload: { text: 'nameless' } });

    await nameless.expectNext(message('nameless'));
    await red.expectSilence();
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'red' } });
    await red.expectNext(message('red'));
    await nameless.expectSilence();
  });

  test('S3 a name given twice counts once', async () => {
    const { app, connect, onMessage } = await startRooms(wire);
    const client = await connect();
    const messages = await hear(client, 'red', 'red', 'blue', 'red');
    expect(app.graphqlWs.stats()).toMatchObject({ groups: 3, members: 3 });
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'once' } });

    await messages.expectNext(message('once'));
    await messages.expectSilence();
    messages.stop();
    await client.fence();
    await app.graphqlWs.settled();
    expect(app.graphqlWs.stats()).toMatchObject({ groups: 0, members: 0, emitterListeners: 0 });
  });

  test('S3 who is in several groups gets the events of each, each once, in order', async () => {
    const { app, connect, onMessage } = await startRooms(wire);
    const messages = await hear(await connect(), 'red', 'blue', 'green');
    const groups = ['red', 'blue', 'green', 'blue', 'red', 'yellow', 'green'];
    for (const [n, group] of groups.entries()) {
      void app.broadcast(onMessage, { group, payload: { text: `${n} ${group}` } });
    }

    for (const text of ['0 red', '1 blue', '2 green', '3 blue', '4 red', '6 green']) {
      await messages.expectNext(message(text));
    }
    await messages.expectSilence();
  });

  test('S4 the same name on two subscription fields means two groups', async () => {
    const { app, connect, onMessage, onNotice } = await startRooms(wire);
    const client = await connect();
    const messages = await hear(client, 'red');
    const notices = await client.subscribe('subscription { onNotice(rooms: ["red"]) { text } }');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'message' } });
    await messages.expectNext(message('message'));
    await notices.expectSilence();
    await app.broadcast(onNotice, { group: 'red', payload: { text: 'notice' } });
    await notices.expectNext({ onNotice: { text: 'notice' } });
    await messages.expectSilence();
  });

  test.each<[string, unknown, string]>([
    ['a number', 7, '7'],
    ['an object', { room: 'red' }, "{ room: 'red' }"],
    ['false', false, 'false'],
    ['an array with undefined', ['red', undefined], 'undefined'],
    ['an array with null', [null], 'null'],
    ['an array with a number', ['red', 42], '42'],
    ['an array with an array', [['red']], "[ 'red' ]"],
    ['a promise of a number', Promise.resolve(7), '7'],
  ])('S5 %s among the names refuses that operation only', async (_name, names, shown) => {
    const { app, connect, log } = await startRooms(wire, {
      // What untyped code may do.
      subscribe: (_root, { rooms }) => (rooms ? (rooms as GroupNames) : (names as GroupNames)),
    });
    const client = await connect();
    const other = await hear(client, 'red');
    const wrong = client.start('subscription { onMessage { text } }');
    await wrong.expectError('Internal server error');
    await wrong.expectSilence();

    const logged = log
      .filter(({ level }) => level === 'error')
      .map(({ details }) => details['err']);
    expect(logged).toEqual([
      expect.objectContaining({
        code: 'GROUPCAST_ERR_GROUP_NAMES_INVALID',
        message: expect.stringContaining(`"onMessage": its subscribe function returned ${shown}`),
      }),
    ]);
    await app.broadcast('onMessage', { group: 'red', payload: { text: 'lives' } });
    await other.expectNext(message('lives'));
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 1, groups: 2, members: 2 });
  });

  test.each<[string, () => never | Promise<never>, string, string]>([
    [
      'throws',
      () => {
        throw new Error('secret');
      },
      'Internal server error',
      'INTERNAL_SERVER_ERROR',
    ],
    [
      'throws a GraphQLError',
      () => {
        throw new GraphQLError('Not your room', { extensions: { code: 'NOT_YOURS' } });
      },
      'Not your room',
      'NOT_YOURS',
    ],
    [
      'rejects',
      async () => {
        throw new Error('secret');
      },
      'Internal server error',
      'INTERNAL_SERVER_ERROR',
    ],
    [
      'rejects with a GraphQLError',
      async () => {
        throw new GraphQLError('Not your room', { extensions: { code: 'NOT_YOURS' } });
      },
      'Not your room',
      'NOT_YOURS',
    ],
  ])('S6 subscribe %s: the operation is refused and nothing leaks', async (...row) => {
    const [, subscribe, text, code] = row;
    const ends: unknown[] = [];
    const { app, connect } = await startRooms(wire, {
      subscribe,
      initial: () => ends.push('initial'),
      unsubscribed: () => ends.push('unsubscribed'),
    });
    const client = await connect();
    const isLegacy = wire.protocol === LEGACY;
    client.send({
      id: 'x',
      type: isLegacy ? 'start' : 'subscribe',
      payload: { query: 'subscription { onMessage { text } }' },
    });
    const error = {
      message: text,
      path: ['onMessage'],
      locations: [{ line: 1, column: 16 }],
      extensions: { code },
    };

    if (isLegacy) {
      await client.expectMessage({ id: 'x', type: 'data', payload: { errors: [error] } });
      await client.expectMessage({ id: 'x', type: 'complete' });
    } else {
      await client.expectMessage({ id: 'x', type: 'error', payload: [error] });
    }
    await app.broadcast('onMessage', { payload: { text: 'too late' } });
    await client.expectSilence();
    expect(ends).toEqual([]);
    expect(app.graphqlWs.stats()).toMatchObject({
      operations: 0,
      groups: 0,
      members: 0,
      emitterListeners: 0,
    });
    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
  });

  test('S6 who was refused may try again under the same id', async () => {
    let isWelcome = false;
    const { app, connect, onMessage } = await startRooms(wire, {
      subscribe: (_root, { rooms }) => {
        if (!isWelcome) throw new GraphQLError('Not yet');
        return rooms;
      },
    });
    const client = await connect();
    const refused = client.start('subscription { onMessage { text } }', { id: 'again' });
    await refused.expectError('Not yet');
    isWelcome = true;
    const messages = await client.subscribe('subscription { onMessage { text } }', { id: 'again' });
    await app.broadcast(onMessage, { payload: { text: 'hi' } });

    await messages.expectNext(message('hi'));
  });

  test('S6 a stop is honoured while subscribe is pending that then fails', async () => {
    let refuse: (error: Error) => void = () => undefined;
    const { app, connect } = await startRooms(wire, {
      subscribe: () =>
        new Promise((_resolve, reject) => {
          refuse = reject;
        }),
    });
    const client = await connect();
    const messages = startHearing(client, 'red');
    await client.fence();
    messages.stop();
    await client.fence();
    refuse(new Error('too late to matter'));
    await app.graphqlWs.settled();

    if (wire.protocol === LEGACY) await messages.expectComplete();
    await messages.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0 });
  });
});
