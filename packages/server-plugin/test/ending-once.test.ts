import type { OperationInfo } from '@groupcast/fastify';
import { LEGACY } from '@groupcast/protocol';
import type { TestOperation } from '@groupcast/testing';
import { expect, test } from 'vitest';
import { createGate, type Gate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import type { StartOptions } from './support/start-app.ts';
import { message, type RoomMessage, startHearing, startRooms } from './support/start-rooms.ts';
import { describeBoth, type Wire } from './support/wires.ts';

type Definition = NonNullable<Parameters<typeof startRooms>[1]>;

interface Stage {
  readonly definition?: Definition;
  readonly options?: StartOptions;
  /** Whether `subscribe` has succeeded, or will. */
  readonly subscribes: boolean;
  /** Whether something must be broadcast to get there. */
  readonly isNotification?: boolean;
}

/** Each stage of a subscription that can hang, held by a gate. */
const stages: Record<string, (gate: Gate) => Stage> = {
  onOperation: (gate) => ({
    options: { onOperation: () => gate.arrive() },
    subscribes: false,
  }),
  context: (gate) => ({
    options: {
      context: async () => {
        await gate.arrive();
        return {};
      },
    },
    subscribes: false,
  }),
  subscribe: (gate) => ({
    definition: {
      subscribe: async () => {
        await gate.arrive();
        return 'red';
      },
    },
    subscribes: true,
  }),
  initial: (gate) => ({
    definition: {
      initial: async () => {
        await gate.arrive();
        return { text: 'snapshot' };
      },
    },
    subscribes: true,
  }),
  renewContext: (gate) => ({
    definition: { publish: (payload, _args, _context) => payload },
    options: {
      renewContext: async (context) => {
        await gate.arrive();
        return context;
      },
    },
    subscribes: true,
    isNotification: true,
  }),
  filter: (gate) => ({
    definition: {
      filter: async () => {
        await gate.arrive();
        return true;
      },
    },
    subscribes: true,
    isNotification: true,
  }),
  'publish, shared': (gate) => ({
    definition: {
      publish: async (payload) => {
        await gate.arrive();
        return payload;
      },
    },
    subscribes: true,
    isNotification: true,
  }),
  'publish, its own': (gate) => ({
    definition: {
      publish: async (payload, _args, _context) => {
        await gate.arrive();
        return payload;
      },
    },
    subscribes: true,
    isNotification: true,
  }),
};

const quiet = { operations: 0, groups: 0, members: 0, queued: 0, emitterListeners: 0 };

/** What a client's stop leads to: nothing, or the `complete` that old clients expect. */
async function expectStopped(wire: Wire, operation: TestOperation): Promise<void> {
  if (wire.protocol === LEGACY) await operation.expectComplete();
}

describeBoth('the ending of an operation', (wire) => {
  test('E2 per id: confirmation, notifications, exactly one ending, silence', async () => {
    const { app, connect, onMessage } = await startRooms(wire, {}, { confirmSubscriptions: true });
    const client = await connect();
    const messages = startHearing(client, 'red');
    await messages.expectResult({ data: null });
    for (const text of ['a', 'b']) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }
    await messages.expectNext(message('a'));
    await messages.expectNext(message('b'));
    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });
    await messages.expectComplete();

    await app.graphqlWs.unsubscribe(onMessage);
    messages.stop();
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'late' } });
    await client.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
  });

  test('E2 a stop and an unsubscribe that cross lead to one ending', async () => {
    const reasons: string[] = [];
    const { app, connect, onMessage } = await startRooms(wire, {
      unsubscribed: (reason) => reasons.push(reason),
    });
    const client = await connect();
    const messages = startHearing(client, 'red');
    await client.fence();
    messages.stop();
    await app.graphqlWs.unsubscribe(onMessage);
    await client.fence();
    await app.graphqlWs.settled();

    const endings = client.transcript().match(/← complete/g) ?? [];
    // The server's one may have been first; a modern client's stop is not answered.
    expect(endings.length).toBeLessThanOrEqual(1);
    expect(endings.length).toBeGreaterThanOrEqual(wire.protocol === LEGACY ? 1 : 0);
    expect(reasons).toHaveLength(1);
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
  });

  test.each(Object.keys(stages))('E2 a stop is honoured while %s is pending', async (name) => {
    const gate = createGate();
    const { definition, isNotification, options, subscribes } = stages[name]?.(gate) ?? {
      subscribes: false,
    };
    const reasons: string[] = [];
    const { app, connect, onMessage } = await startRooms(
      wire,
      { ...definition, unsubscribed: (reason) => reasons.push(reason) },
      options,
    );
    const client = await connect();
    const messages = startHearing(client, 'red');
    if (isNotification) {
      await client.fence();
      await app.graphqlWs.settled();
      await app.broadcast(onMessage, { group: 'red', payload: { text: 'a' } });
      await app.broadcast(onMessage, { group: 'red', payload: { text: 'b' } });
    }
    await gate.arrived();
    messages.stop();
    await client.fence();
    // At once, not after what hangs.
    await expectStopped(wire, messages);
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
    gate.open();
    await app.graphqlWs.settled();
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'late' } });

    await client.expectSilence();
    expect(reasons).toEqual(subscribes ? ['client'] : []);
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
  });

  test('E2 a stop is honoured while a join is not acknowledged', async () => {
    const emitter = new HeldEmitter();
    const reasons: string[] = [];
    const { app, connect } = await startRooms(
      wire,
      { unsubscribed: (reason) => reasons.push(reason) },
      { emitter },
    );
    const client = await connect();
    emitter.hold('on');
    const messages = startHearing(client, 'red');
    await emitter.whenHeld('on', 2);
    messages.stop();
    await client.fence();
    await expectStopped(wire, messages);
    expect(reasons).toEqual(['client']);
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0 });
    emitter.release('on');

    await client.expectSilence();
    expect(reasons).toEqual(['client']);
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
    // That for orders of other processes.
    expect(emitter.listenerCount).toBe(1);
  });

  test('E2 a stop in the same segment as its start is honoured', async () => {
    const reasons: string[] = [];
    const { app, connect, onMessage } = await startRooms(wire, {
      initial: () => ({ text: 'snapshot' }),
      unsubscribed: (reason) => reasons.push(reason),
    });
    const client = await connect();
    const operations = Array.from({ length: 10 }, () => {
      const messages = startHearing(client, 'red');
      messages.stop();
      return messages;
    });
    await client.fence();
    await app.graphqlWs.settled();
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'late' } });

    await client.fence();
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
    for (const each of operations) {
      // A snapshot may have been out before the stop was read.
      if (each.unread > (wire.protocol === LEGACY ? 1 : 0)) {
        await each.expectNext(message('snapshot'));
      }
      await expectStopped(wire, each);
      await each.expectSilence();
    }
    expect(reasons.every((reason) => reason === 'client')).toBe(true);
  });

  test('E6 a stop while publish runs: its signal fires, its result is dropped, the ending is out at once', async () => {
    const events: string[] = [];
    const running = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(
      wire,
      {
        publish: (_payload, _args, context) => {
          const { signal } = Reflect.get(context, 'operation') as OperationInfo;
          signal.addEventListener('abort', () => events.push('signal'));
          return running.arrive();
        },
        unsubscribed: (reason) => events.push(`unsubscribed ${reason}`),
      },
      { context: ({ operation }) => ({ operation }) },
    );
    const client = await connect();
    const messages = startHearing(client, 'red');
    await client.fence();
    await app.graphqlWs.settled();
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'a' } });
    await running.arrived();
    messages.stop();
    await client.fence();

    await expectStopped(wire, messages);
    expect(events).toEqual(['signal', 'unsubscribed client']);
    running.open({ text: 'too late' });
    await messages.expectSilence();
    expect(events).toEqual(['signal', 'unsubscribed client']);
  });

  test('E6 a shared publish goes on for the others when one of them stops', async () => {
    const running = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(wire, {
      publish: (_payload) => running.arrive(),
    });
    const client = await connect();
    const stopped = startHearing(client, 'red');
    const other = startHearing(client, 'red');
    await client.fence();
    await app.graphqlWs.settled();
    expect(app.graphqlWs.stats()).toMatchObject({ cohorts: 2, members: 4 });
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'a' } });
    await running.arrived();
    stopped.stop();
    await client.fence();
    await expectStopped(wire, stopped);
    running.open({ text: 'shared' });

    await other.expectNext(message('shared'));
    await client.expectSilence();
    expect(running.arrivals).toBe(1);
  });

  test('E6 a failure after the stop is of no interest to anybody', async () => {
    const running = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(wire, {
      publish: (_payload, _args, _context) => running.arrive(),
    });
    const client = await connect();
    const messages = startHearing(client, 'red');
    await client.fence();
    await app.graphqlWs.settled();
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'a' } });
    await running.arrived();
    messages.stop();
    await client.fence();
    running.fail(new Error('aborted'));

    await expectStopped(wire, messages);
    await client.expectSilence();
    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
  });
});
