import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { hear, message, type RoomMessage, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

const texts = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`);

describeBoth('the order of notifications', (wire) => {
  test('P4 a subscriber gets them first in, first out, however long each publish takes', async () => {
    const { app, connect, onMessage } = await startRooms(wire, {
      // The first of each three takes a turn of the event loop, the second a tick, the third nothing.
      publish: (payload) => {
        const kind = Number(payload.text) % 3;
        if (kind === 2) return payload;
        return new Promise((resolve) => {
          if (kind === 0) setImmediate(resolve, payload);
          else resolve(payload);
        });
      },
    });
    const client = await connect();
    const operations = [await hear(client, 'red'), await hear(client, 'red')];
    for (const text of texts(60)) {
      void app.broadcast(onMessage, { group: 'red', payload: { text } });
    }

    for (const each of operations) {
      for (const text of texts(60)) await each.expectNext(message(text));
      await each.expectSilence();
    }
  });

  test('P4 the same holds for filters, and for those that hear both groups and all', async () => {
    const { app, connect, onMessage } = await startRooms(wire, {
      filter: async ({ text }) => {
        if (Number(text) % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
        return Number(text) % 5 !== 0;
      },
    });
    const messages = await hear(await connect(), 'red', 'blue');
    for (const text of texts(30)) {
      const group = ['red', 'blue', undefined][Number(text) % 3];
      void app.broadcast(onMessage, {
        payload: { text },
        ...(group !== undefined && { group }),
      });
    }

    for (const text of texts(30).filter((each) => Number(each) % 5 !== 0)) {
      await messages.expectNext(message(text));
    }
    await messages.expectSilence();
  });

  test('P4 the next payload is taken only after the previous one was published', async () => {
    const begun: string[] = [];
    const first = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(wire, {
      publish: (payload) => {
        begun.push(payload.text);
        return payload.text === '0' ? first.arrive() : payload;
      },
    });
    const client = await connect();
    const messages = await hear(client, 'red');
    for (const text of texts(3)) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }
    await client.fence();
    expect(begun).toEqual(['0']);
    expect(messages.unread).toBe(0);
    expect(app.graphqlWs.stats().queued).toBe(2);
    first.open({ text: '0' });

    for (const text of texts(3)) await messages.expectNext(message(text));
    expect(begun).toEqual(['0', '1', '2']);
    expect(app.graphqlWs.stats().queued).toBe(0);
  });

  test('P4 a slow publish delays only its own subscriber', async () => {
    const slow = createGate<RoomMessage>();
    const { app, connect, onMessage } = await startRooms(
      wire,
      {
        publish: (payload, _args, context) =>
          Reflect.get(context, 'isSlow') && payload.text === '0' ? slow.arrive() : payload,
      },
      { context: ({ operation }) => ({ isSlow: operation.id === 'slow' }) },
    );
    const client = await connect();
    const query = 'subscription { onMessage(rooms: ["red"]) { text } }';
    const delayed = await client.subscribe(query, { id: 'slow' });
    const others = [await hear(client, 'red'), await hear(await connect(), 'red')];
    for (const text of texts(3)) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }

    for (const each of others) {
      for (const text of texts(3)) await each.expectNext(message(text));
    }
    await client.fence();
    expect(delayed.unread).toBe(0);
    slow.open({ text: '0' });
    for (const text of texts(3)) await delayed.expectNext(message(text));
  });

  test('P4 a broadcast that publish sets off comes after what was broadcast before it', async () => {
    const started = await startRooms(wire, {
      publish: (payload) => {
        if (payload.text === '0') {
          void started.app.broadcast('onMessage', { group: 'red', payload: { text: 'echo' } });
        }
        return payload;
      },
      share: false,
    });
    const { app, connect, onMessage } = started;
    const client = await connect();
    const operations = [await hear(client, 'red'), await hear(client, 'red')];
    await app.broadcast(onMessage, { group: 'red', payload: { text: '0' } });

    for (const each of operations) {
      await each.expectNext(message('0'));
      await each.expectNext(message('echo'));
      await each.expectNext(message('echo'));
      await each.expectSilence();
    }
  });
});
