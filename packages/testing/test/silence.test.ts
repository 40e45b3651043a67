import { connect, type TestableApp } from '@groupcast/testing';
import { expect, test } from 'vitest';

import type { HttpApp } from './support/http-app.ts';
import { acknowledgingApp, type Peer, scriptedApp } from './support/scripted-app.ts';
import { describeTransports } from './support/transports.ts';

/** Gives a bare server what the plugin has: a way to know that it is done. */
function settlingApp({ server }: HttpApp, settled: () => Promise<void>): TestableApp {
  return { server, graphqlWs: { path: '/graphql', settled } };
}

describeTransports('a fence', (connectTo) => {
  test('all that the server had sent before has arrived when it is passed', async () => {
    const app = scriptedApp({
      onMessage: ({ say }) => {
        for (let step = 0; step < 50; step += 1) say({ type: 'complete', id: 'x' });
      },
    });
    await using alice = await connectTo(app, { init: false, strict: false });
    const operation = alice.operation('x');

    alice.send({});
    await alice.fence();

    expect(operation.unread).toBe(50);
  });

  test('many at once are all passed, also when only the last ping is answered', async () => {
    const app = scriptedApp({
      autoPong: false,
      onOpen: ({ webSocket }) => {
        let count = 0;
        webSocket.on('ping', (data) => {
          count += 1;
          if (count === 100) webSocket.pong(data);
        });
      },
    });
    await using alice = await connectTo(app, { init: false });

    await Promise.all(Array.from({ length: 100 }, () => alice.fence()));
  });

  test('a pong that nobody asked for passes none', async () => {
    const app = scriptedApp({
      autoPong: false,
      onOpen: ({ webSocket }) => webSocket.on('ping', () => webSocket.pong('another')),
    });
    await using alice = await connectTo(app, { init: false, timeoutMs: 100 });

    await expect(alice.fence()).rejects.toThrow('nothing came within 100 ms');
    expect(alice.transcript()).toContain('← websocket pong');
  });

  test('pings of the server are answered', async () => {
    const pong = new Promise<string>((resolve) => {
      const app = scriptedApp({
        onOpen: ({ webSocket }) => {
          webSocket.on('pong', (data) => resolve(data.toString()));
          webSocket.ping('alive?');
        },
      });
      connectTo(app, { init: false });
    });

    expect(await pong).toBe('alive?');
  });
});

test('silence of an operation is broken by its own messages only', async () => {
  const app = acknowledgingApp({
    onMessage: ({ say }, { id }) => id === '1' && say({ id, type: 'complete' }),
  });
  await using alice = await connect(app);

  const first = alice.start('{ a }');
  const second = alice.start('{ b }');

  await second.expectSilence();
  await expect(first.expectSilence()).rejects.toMatchObject({ actual: [{ type: 'complete' }] });
  await expect(alice.expectSilence()).rejects.toMatchObject({
    actual: ['operation op1: complete'],
    expected: [],
  });
});

test('silence of a connection is broken by anything unread', async () => {
  const app = scriptedApp({ onMessage: ({ say }) => say({ type: 'ping' }) });
  await using alice = await connect(app, { init: false });

  alice.send({});

  await expect(alice.expectSilence()).rejects.toThrow('but 1 message is unread');
  await alice.expectMessage({ type: 'ping' });
  await alice.expectSilence();
});

test('a message that fails silence is not taken by it', async () => {
  const app = acknowledgingApp({ onMessage: ({ say }, { id }) => say({ id, type: 'complete' }) });
  await using alice = await connect(app);
  const operation = alice.start('{ a }');
  await expect(operation.expectSilence()).rejects.toThrow();

  await operation.expectComplete();
  await operation.expectSilence();
});

test('silence waits for the server to settle, and for what it sent until then', async () => {
  const peers: Peer[] = [];
  const bare = acknowledgingApp({ onOpen: (peer) => peers.push(peer) });
  const app = settlingApp(bare, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    peers[0]?.say({ id: '1', type: 'next', payload: { data: { late: true } } });
  });
  await using alice = await connect(app);

  const operation = alice.start('subscription { late }');

  await expect(operation.expectSilence()).rejects.toThrow(
    'it received next { data: { late: true } }',
  );
});

test('a server that does not settle fails the expectation in time', async () => {
  const app = settlingApp(acknowledgingApp({}), () => new Promise(() => {}));
  await using alice = await connect(app, { timeoutMs: 100 });

  await expect(alice.expectSilence()).rejects.toThrow('the server did not settle within 100 ms');
  await alice.fence();
});
