import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import {
  hear,
  message,
  type RoomMessage,
  type StartedRooms,
  startHearing,
  startRooms,
} from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

const quiet = { operations: 0, groups: 0, members: 0, queued: 0, emitterListeners: 0 };

describeBoth('an ending that comes from the app in the middle of something', (wire) => {
  test('E2 an unsubscribed that ends the others leads to one ending for each', async () => {
    const reasons: string[] = [];
    const started: StartedRooms = await startRooms(wire, {
      unsubscribed: (reason) => {
        reasons.push(reason);
        return started.app.graphqlWs.unsubscribe('onMessage');
      },
    });
    const { app, connect, onMessage } = started;
    const client = await connect();
    const operations = [await hear(client, 'red'), await hear(client, 'red'), await hear(client)];
    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });

    for (const each of operations) await each.expectComplete();
    await client.expectSilence();
    expect(reasons).toEqual(['server', 'server', 'server']);
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
  });

  test.each<[string, boolean]>([
    ['at once', false],
    ['later', true],
  ])('E4 a publish that ends its own subscription %s has its result dropped', async (...row) => {
    const [, isLate] = row;
    const started: StartedRooms = await startRooms(wire, {
      share: false,
      publish: (payload) => {
        if (payload.text !== 'last') return payload;
        void started.app.graphqlWs.unsubscribe('onMessage');
        return isLate ? Promise.resolve(payload) : payload;
      },
    });
    const { app, connect, onMessage } = started;
    const client = await connect();
    const operations = [await hear(client, 'red'), await hear(client, 'red')];
    for (const text of ['first', 'last', 'late']) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }

    for (const each of operations) {
      await each.expectNext(message('first'));
      await each.expectComplete();
    }
    await client.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
  });

  test('E4 while publish runs: complete goes out at once, the result is dropped', async () => {
    const running = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(wire, {
      publish: () => running.arrive(),
    });
    const client = await connect();
    const messages = await hear(client, 'red');
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'a' } });
    await running.arrived();
    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });
    await messages.expectComplete();
    running.open({ text: 'late' });

    await client.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
  });

  test('E3 a connection that subscribe itself closes: unsubscribed is told disconnect', async () => {
    const reasons: string[] = [];
    const told = createGate();
    const { app, connect } = await startRooms(
      wire,
      {
        subscribe: (_root, _args, context) => {
          Reflect.get(context, 'connection').close(4001, 'Go away');
          return 'red';
        },
        unsubscribed: (reason) => {
          reasons.push(reason);
          void told.arrive();
        },
      },
      { context: ({ connection }) => ({ connection }) },
    );
    const client = await connect();
    const messages = startHearing(client);
    await client.expectClose(4001, 'Go away');
    await told.arrived();
    await app.graphqlWs.settled();

    expect(messages.unread).toBe(0);
    expect(reasons).toEqual(['disconnect']);
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
  });

  test('E5 a publish that disconnects its own client sends nothing more', async () => {
    const started: StartedRooms = await startRooms(
      wire,
      {
        publish: (payload) => {
          if (payload.text === 'last') void started.app.graphqlWs.disconnect({ tag: 'ann' });
          return payload;
        },
      },
      { onConnect: () => ({ tags: ['ann'] }) },
    );
    const { app, connect, onMessage } = started;
    const client = await connect();
    const messages = await hear(client, 'red');
    for (const text of ['first', 'last', 'late']) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }
    await client.expectClose(4403);

    await messages.expectNext(message('first'));
    expect(messages.unread).toBe(0);
    await app.graphqlWs.settled();
    expect(app.graphqlWs.stats()).toMatchObject(quiet);
  });

  test('E1 who comes back while the group is being left is confirmed after it was joined anew', async () => {
    const emitter = new HeldEmitter();
    const options = { confirmSubscriptions: true, emitter };
    const { app, connect, onMessage } = await startRooms(wire, {}, options);
    const client = await connect();
    const first = startHearing(client, 'red');
    await first.expectResult({ data: null });
    emitter.hold('removeListener');
    await app.graphqlWs.unsubscribe(onMessage);
    await first.expectComplete();
    await emitter.whenHeld('removeListener', 2);
    const second = startHearing(client, 'red');
    await client.fence();
    expect(second.unread).toBe(0);
    emitter.hold('on', 'acknowledgement');
    emitter.release('removeListener');
    await emitter.whenHeld('on', 2);
    await client.fence();
    expect(second.unread).toBe(0);
    emitter.release('on');
    await second.expectResult({ data: null });
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

    await second.expectNext(message('hi'));
    await client.expectSilence();
  });

  test('E3 a restart while groups are being joined: unsubscribed is told drain, the app closes', async () => {
    const emitter = new HeldEmitter();
    const reasons: string[] = [];
    const { app, connect } = await startRooms(
      wire,
      { unsubscribed: (reason) => reasons.push(reason) },
      { emitter },
    );
    const client = await connect();
    emitter.hold('on', 'acknowledgement');
    startHearing(client, 'red');
    await emitter.whenHeld('on', 2);
    await app.close();

    await client.expectClose(1012);
    expect(reasons).toEqual(['drain']);
    expect(emitter.listenerCount).toBe(0);
    emitter.release('on');
  });
});
