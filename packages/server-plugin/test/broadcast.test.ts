import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { HeldEmitter } from './support/held-emitter.ts';
import { hear, message, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

describeBoth('broadcast', (wire) => {
  test('P6 from a route, a hook and a timer reaches the group', async () => {
    const { app, connect } = await startRooms(
      wire,
      {},
      {
        before: (instance) => {
          const send = (text: string) =>
            instance.broadcast('onMessage', { group: 'red', payload: { text } });
          instance.addHook('onRequest', async (request) => {
            if (request.url === '/messages') await send('hook');
          });
          instance.post('/messages', async () => {
            await send('route');
            await wait(1);
            await send('timer');
            return 'sent';
          });
        },
      },
    );
    const messages = await hear(await connect(), 'red');
    const response = await app.inject({ method: 'POST', url: '/messages' });
    expect(response.statusCode).toBe(200);

    for (const text of ['hook', 'route', 'timer']) await messages.expectNext(message(text));
    await messages.expectSilence();
  });

  test.each([
    ['awaited', true],
    ['not awaited', false],
  ])('P6 %s: the order of calls is the order of delivery', async (_name, isAwaited) => {
    const { app, connect, onMessage } = await startRooms(wire);
    const client = await connect();
    const operations = [await hear(client, 'red'), await hear(client, 'red', 'blue')];
    const texts = Array.from({ length: 200 }, (_, n) => `${n}`);
    for (const text of texts) {
      const sent = app.broadcast(onMessage, { group: 'red', payload: { text } });
      if (isAwaited) await sent;
    }

    for (const each of operations) {
      for (const text of texts) await each.expectNext(message(text));
      await each.expectSilence();
    }
  });

  test('P6 the order holds between groups and all, and while the broker is slow', async () => {
    const emitter = new HeldEmitter();
    const { app, connect, onMessage } = await startRooms(wire, {}, { emitter });
    const client = await connect();
    const messages = await hear(client, 'red', 'blue');
    emitter.hold('emit');
    const sent = [
      app.broadcast(onMessage, { group: 'red', payload: { text: '0' } }),
      app.broadcast(onMessage, { payload: { text: '1' } }),
      app.broadcast(onMessage, { group: 'blue', payload: { text: '2' } }),
      app.broadcast(onMessage, { group: 'red', payload: { text: '3' } }),
    ];
    await client.fence();
    expect(messages.unread).toBe(0);
    emitter.release('emit');
    await Promise.all(sent);

    for (const text of ['0', '1', '2', '3']) await messages.expectNext(message(text));
    await messages.expectSilence();
  });

  test('P6 changes of the payload after the call do not matter', async () => {
    const emitter = new HeldEmitter();
    const { app, connect, onMessage } = await startRooms(wire, {}, { emitter });
    const messages = await hear(await connect(), 'red');
    const payload = { text: 'as it was' };
    emitter.hold('emit');
    const sent = app.broadcast(onMessage, { group: 'red', payload });
    payload.text = 'changed';
    emitter.release('emit');
    await sent;

    await messages.expectNext(message('as it was'));
  });

  test('P7 resolves when the broker has taken the event, not before', async () => {
    const emitter = new HeldEmitter();
    const { app, connect, onMessage } = await startRooms(wire, {}, { emitter });
    const client = await connect();
    const messages = await hear(client, 'red');
    emitter.hold('emit', 'acknowledgement');
    let isTaken = false;
    const sent = app
      .broadcast(onMessage, { group: 'red', payload: { text: 'hi' } })
      .then((published) => {
        isTaken = true;
        return published;
      });
    await messages.expectNext(message('hi'));
    await client.fence();
    expect(isTaken).toBe(false);
    expect(app.graphqlWs.stats().pendingBroadcasts).toBe(1);
    emitter.release('emit');

    expect(await sent).toEqual({});
    expect(app.graphqlWs.stats().pendingBroadcasts).toBe(0);
  });

  test('P7 to nobody resolves', async () => {
    const { app, onMessage } = await startRooms(wire);

    expect(await app.broadcast(onMessage, { group: 'nobody', payload: { text: 'hi' } })).toEqual(
      {},
    );
    expect(await app.broadcast(onMessage, { payload: { text: 'hi' } })).toEqual({});
  });
});
