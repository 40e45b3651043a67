import { SKIP } from '@groupcast/fastify';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { hear, message, type RoomMessage, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

const user = (context: object): unknown => Reflect.get(context, 'user');

describeBoth('filter and publish', (wire) => {
  test.each<[string, (payload: RoomMessage, args: unknown, context: object) => unknown]>([
    ['sync', ({ text }, _args, context) => text !== user(context)],
    ['async', async ({ text }, _args, context) => text !== user(context)],
  ])('P1 a filter (%s) that says false withholds from that subscriber only', async (...row) => {
    const [, decide] = row;
    const { app, connect, onMessage } = await startRooms(
      wire,
      { filter: (...all) => decide(...all) as boolean },
      { context: ({ connection }) => ({ user: connection.params['user'] }) },
    );
    const ann = await hear(await connect({ params: { user: 'ann' } }), 'red');
    const bob = await hear(await connect({ params: { user: 'bob' } }), 'red');
    for (const text of ['ann', 'bob', 'cid']) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }

    await ann.expectNext(message('bob'));
    await ann.expectNext(message('cid'));
    await bob.expectNext(message('ann'));
    await bob.expectNext(message('cid'));
    await ann.expectSilence();
    await bob.expectSilence();
    expect(app.graphqlWs.stats().filterErrors).toBe(0);
  });

  test('P1 filter sees the payload, the arguments and the context', async () => {
    const calls: unknown[] = [];
    const context = { user: 'ann' };
    const { app, connect, onMessage } = await startRooms(
      wire,
      {
        filter: (...all) => {
          calls.push(all);
          return true;
        },
      },
      { context: () => context },
    );
    const messages = await hear(await connect(), 'red');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    await messages.expectNext(message('hi'));

    expect(calls).toEqual([[{ text: 'hi' }, { rooms: ['red'] }, context]]);
  });

  test.each<[string, () => boolean | Promise<boolean>]>([
    [
      'throws',
      () => {
        throw new Error('rights are unknown');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('rights are unknown');
      },
    ],
  ])('P1 a filter that %s withholds, is logged and counted', async (_name, failing) => {
    let fails = true;
    const { app, connect, log, onMessage } = await startRooms(wire, {
      filter: () => !fails || failing(),
    });
    const client = await connect();
    const operations = [await hear(client, 'red'), await hear(client, 'red')];
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'withheld' } });
    for (const each of operations) await each.expectSilence();

    expect(app.graphqlWs.stats().filterErrors).toBe(2);
    const errors = log.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(2);
    expect(errors[0]).toMatchObject({
      details: { err: { message: 'rights are unknown' }, field: 'onMessage' },
      message: expect.stringContaining('filter() failed'),
    });
    fails = false;
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'delivered' } });
    for (const each of operations) await each.expectNext(message('delivered'));
  });

  test.each<[string, (text: string) => unknown]>([
    ['at once', (text) => (text === 'skip' ? SKIP : { text })],
    ['later', async (text) => (text === 'skip' ? SKIP : { text })],
  ])('P1 a publish that returns SKIP %s sends nothing', async (_name, choose) => {
    const { app, connect, log, onMessage } = await startRooms(wire, {
      publish: ({ text }) => choose(text),
    });
    const messages = await hear(await connect(), 'red');
    for (const text of ['a', 'skip', 'skip', 'b']) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }

    await messages.expectNext(message('a'));
    await messages.expectNext(message('b'));
    await messages.expectSilence();
    expect(log.filter(({ level }) => level !== 'info' && level !== 'debug')).toEqual([]);
  });

  test('P1 null is delivered as null: as a payload, and from publish', async () => {
    const plain = await startRooms(wire);
    const published = await startRooms(wire, { publish: () => null });
    for (const { app, connect } of [plain, published]) {
      const messages = await hear(await connect(), 'red');
      await app.broadcast('onMessage', { group: 'red', payload: null });
      await messages.expectNext({ onMessage: null });
      await messages.expectSilence();
    }
  });

  test('P2 without publish the payload itself is the value of the field', async () => {
    const { app, connect, onMessage } = await startRooms(wire);
    const messages = await hear(await connect(), 'red');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'as it is' } });

    await messages.expectNext(message('as it is'));
  });

  test('P2 with publish its result is, made of payload, arguments, context and info', async () => {
    const calls: unknown[][] = [];
    const context = { user: 'ann' };
    const { app, connect, onMessage } = await startRooms(
      wire,
      {
        publish: (payload, args, given, info) => {
          calls.push([payload, args, given, info.fieldName]);
          return { text: `${payload.text}!` };
        },
      },
      { context: () => context },
    );
    const messages = await hear(await connect(), 'red');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

    await messages.expectNext(message('hi!'));
    expect(calls).toEqual([[{ text: 'hi' }, { rooms: ['red'] }, context, 'onMessage']]);
  });

  const boom = (): never => {
    throw new Error('secret');
  };
  const refuse = (): never => {
    throw new GraphQLError('Too late', { extensions: { code: 'LATE' } });
  };
  test.each<[string, () => unknown, { message: string; extensions: { code: string } }]>([
    [
      'throws',
      boom,
      { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ],
    [
      'rejects',
      async () => boom(),
      { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ],
    ['throws a GraphQLError', refuse, { message: 'Too late', extensions: { code: 'LATE' } }],
    [
      'rejects with a GraphQLError',
      async () => refuse(),
      { message: 'Too late', extensions: { code: 'LATE' } },
    ],
  ])(
    'P3 a publish that %s gives null with the error, and the subscription lives',
    async (...row) => {
      const [, failing, error] = row;
      const { app, connect, onMessage } = await startRooms(wire, {
        publish: (payload) => (payload.text === 'fail' ? failing() : payload),
      });
      const messages = await hear(await connect(), 'red');
      for (const text of ['a', 'fail', 'b']) {
        await app.broadcast(onMessage, { group: 'red', payload: { text } });
      }

      await messages.expectNext(message('a'));
      await messages.expectResult({
        data: { onMessage: null },
        errors: [{ ...error, locations: [{ line: 1, column: 36 }], path: ['onMessage'] }],
      });
      await messages.expectNext(message('b'));
      await messages.expectSilence();
    },
  );
});
