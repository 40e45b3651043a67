import { LEGACY } from '@groupcast/protocol';
import type { TestConnection, TestOperation } from '@groupcast/testing';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import type { StartOptions } from './support/start-app.ts';
import { hear, type StartedRooms, startHearing, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

interface Ended {
  readonly rooms: StartedRooms;
  readonly client: TestConnection;
  readonly messages: TestOperation;
}

/** Every way in which a subscription ends, and the reason that its author is told. */
const ways: readonly [string, string, (ended: Ended) => unknown, StartOptions?][] = [
  ['a stop of the client', 'client', ({ messages }) => messages.stop()],
  [
    'unsubscribe()',
    'server',
    ({ rooms }) => rooms.app.graphqlWs.unsubscribe(rooms.onMessage, { group: 'red' }),
  ],
  ['a cut line', 'disconnect', ({ client }) => client.terminate()],
  ['a close of the client', 'disconnect', ({ client }) => client.close()],
  [
    'disconnect()',
    'disconnect',
    ({ rooms }) => rooms.app.graphqlWs.disconnect({ tag: 'ann' }),
    { onConnect: () => ({ tags: ['ann'] }) },
  ],
  [
    'a message that is too big',
    'disconnect',
    ({ client }) => client.sendRaw(new Uint8Array(2 ** 21)),
  ],
  [
    'a full queue',
    'error',
    async ({ rooms }) => {
      for (let n = 0; n < 3; n += 1) {
        await rooms.app.broadcast(rooms.onMessage, { group: 'red', payload: { text: 'hold' } });
      }
    },
  ],
  ['a restart', 'drain', ({ rooms }) => rooms.app.close()],
];

describeBoth('unsubscribed()', (wire) => {
  test.each(ways)(
    'E3 runs once after %s, and is told "%s"',
    async (_name, reason, end, options) => {
      const calls: unknown[][] = [];
      const called = createGate();
      const context = { user: 'ann' };
      const rooms = await startRooms(
        wire,
        {
          queueLimit: 1,
          overflow: 'end',
          publish: () => new Promise(() => undefined),
          unsubscribed: (why, args, given, info) => {
            calls.push([why, args, given, info.fieldName]);
            void called.arrive();
          },
        },
        { context: () => context, ...options },
      );
      const client = await rooms.connect();
      const messages = await hear(client, 'red', 'blue');
      await end({ rooms, client, messages });
      await called.arrived();
      // Further ends, of which it must hear nothing.
      client.terminate();
      await client.closed;
      await rooms.app.close();

      expect(calls).toEqual([[reason, { rooms: ['red', 'blue'] }, context, 'onMessage']]);
      expect(calls[0]?.[2]).toBe(context);
    },
  );

  test.each<[string, string, (ended: Ended) => unknown]>([
    ['a stop', 'client', ({ messages }) => messages.stop()],
    ['a cut line', 'disconnect', ({ client }) => client.terminate()],
    ['unsubscribe()', 'server', ({ rooms }) => rooms.app.graphqlWs.unsubscribe('onMessage')],
    [
      'a restart',
      'drain',
      ({ rooms }) => {
        void rooms.app.close();
      },
    ],
  ])('E3 runs once for %s while subscribe is pending, after subscribe', async (...row) => {
    const [, reason, end] = row;
    const subscribing = createGate();
    const events: string[] = [];
    const told = createGate();
    const rooms = await startRooms(wire, {
      subscribe: async () => {
        await subscribing.arrive();
        events.push('subscribed');
        return 'red';
      },
      unsubscribed: (why) => {
        events.push(why);
        void told.arrive();
      },
    });
    const client = await rooms.connect();
    const messages = startHearing(client);
    await subscribing.arrived();
    await end({ rooms, client, messages });
    if (reason === 'disconnect' || reason === 'drain') await client.closed;
    else await client.fence();
    expect(events).toEqual([]);
    subscribing.open();
    await told.arrived();
    client.terminate();
    await rooms.app.close();

    expect(events).toEqual(['subscribed', reason]);
  });

  test('E3 runs for each subscription of a connection that is lost', async () => {
    const ended: unknown[] = [];
    const all = createGate();
    const { app, connect } = await startRooms(wire, {
      unsubscribed: (reason, { rooms }) => {
        ended.push([reason, rooms]);
        void all.arrive();
      },
    });
    const client = await connect();
    await Promise.all(['a', 'b', 'c'].map((room) => hear(client, room)));
    const other = await connect();
    await hear(other, 'a');
    client.terminate();
    await all.arrived(3);
    await app.graphqlWs.settled();

    expect(ended).toEqual([
      ['disconnect', ['a']],
      ['disconnect', ['b']],
      ['disconnect', ['c']],
    ]);
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 1, members: 2 });
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('clean-up failed');
      },
    ],
    ['rejects', () => Promise.reject(new Error('clean-up failed'))],
    ['never settles', () => new Promise(() => undefined)],
  ])('E3 that %s does not hinder the ending', async (name, unsubscribed) => {
    const { app, connect, log, onMessage } = await startRooms(
      wire,
      { unsubscribed },
      // The server waits for end hooks as long as for anything else when it closes.
      { closeTimeoutMs: 50 },
    );
    const client = await connect();
    const [stopped, ended] = [await hear(client, 'red'), await hear(client, 'blue')];
    stopped.stop();
    if (wire.protocol === LEGACY) await stopped.expectComplete();
    await client.fence();
    await app.graphqlWs.unsubscribe(onMessage, { group: 'blue' });
    await ended.expectComplete();
    await client.expectSilence();

    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, groups: 0, members: 0 });
    const failures = log.filter(({ message }) => message === 'unsubscribed() failed');
    expect(failures.map(({ details, level }) => [level, details['reason']])).toEqual(
      name === 'never settles'
        ? []
        : [
            ['error', 'client'],
            ['error', 'server'],
          ],
    );
  });

  test('E7 a disconnect cancels running queries and mutations through operation.signal', async () => {
    const hanging = createGate();
    const aborted: string[] = [];
    const cancelled = createGate();
    const { app, connect } = await startRooms(
      wire,
      {},
      {
        typeDefs: 'type Query { hang: String } type Mutation { work: String }',
        resolvers: {
          Query: { hang: () => hanging.arrive() },
          Mutation: { work: () => hanging.arrive() },
        },
        context: ({ operation }) => {
          operation.signal.addEventListener('abort', () => {
            aborted.push(operation.id);
            void cancelled.arrive();
          });
          return {};
        },
      },
    );
    const client = await connect();
    client.start('{ hang }', { id: 'query' });
    client.start('mutation { work }', { id: 'mutation' });
    await hanging.arrived(2);
    expect(aborted).toEqual([]);
    client.terminate();
    await cancelled.arrived(2);

    expect(aborted).toEqual(['query', 'mutation']);
    expect(app.graphqlWs.stats().operations).toBe(0);
    hanging.open();
  });
});
