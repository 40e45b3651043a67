import { connect, expectNoLeaks, forEachProtocol } from '@groupcast/testing';
import { describe, expect, test } from 'vitest';

import { failureOf } from './support/masked-failure.ts';
import { onMessage, pluginApp } from './support/plugin-app.ts';
import { acknowledgingApp, type Peer, scriptedApp } from './support/scripted-app.ts';
import { describeTransports } from './support/transports.ts';

/** A server that acknowledges, and keeps what it hears: messages, and at last the close code. */
function listeningApp() {
  const peers: Peer[] = [];
  const heard: unknown[] = [];
  let tellClosed = (): void => {};
  const closed = new Promise<void>((resolve) => (tellClosed = resolve));
  const app = acknowledgingApp({
    onOpen: (peer) => {
      peers.push(peer);
      peer.webSocket.on('error', () => {});
      peer.webSocket.on('close', (code) => {
        heard.push(code);
        tellClosed();
      });
    },
    onMessage: (_peer, message) => heard.push(message),
  });
  return { app, peers, heard, closed };
}

describeTransports('a client in trouble', (connectTo) => {
  test('drop() is a cut line to the server, after all that was sent before', async () => {
    const { app, heard, closed } = listeningApp();
    const alice = await connectTo(app);

    alice.send({ last: 'word' });
    alice.drop();
    await closed;

    expect(heard).toEqual([{ last: 'word' }, 1006]);
    await alice.expectClose(1006);
  });

  test('cutAfter() leaves the server with half a frame', async () => {
    const { app, heard, closed } = listeningApp();
    const alice = await connectTo(app);

    alice.cutAfter(40);
    alice.send({ whole: 'frame' });
    alice.send({ half: 'x'.repeat(100) });
    await closed;

    expect(heard).toEqual([{ whole: 'frame' }, 1006]);
    await alice.expectClose(1006);
    await alice.close();
  });

  test('halfOpen() hears nothing, says nothing and closes nothing', async () => {
    const { app, heard, peers, closed } = listeningApp();
    const alice = await connectTo(app, { timeoutMs: 200 });
    const pongs: unknown[] = [];
    peers[0]?.webSocket.on('pong', (data) => pongs.push(data));

    alice.halfOpen();
    alice.send({ un: 'heard' });
    peers[0]?.webSocket.ping();
    peers[0]?.say({ type: 'ping' });

    await expect(alice.receive()).rejects.toThrow('nothing came within 200 ms');
    await expect(alice.fence()).rejects.toThrow('nothing came within 200 ms');
    expect(alice.isOpen).toBe(true);
    expect([heard, pongs]).toEqual([[], []]);
    await alice.close();
    await closed;
    expect(heard).toEqual([1006]);
  });

  test('resume() brings a half open connection back, without what it did not say', async () => {
    const { app, heard, peers } = listeningApp();
    await using alice = await connectTo(app);

    alice.halfOpen();
    alice.send({ un: 'heard' });
    peers[0]?.say({ type: 'ping' });
    alice.resume();
    alice.send({ type: 'pong' });
    await alice.expectMessage({ type: 'ping' });
    await alice.fence();

    expect(heard).toEqual([{ type: 'pong' }]);
  });

  test('slowReader() makes the server wait, and gets everything in its time', async () => {
    const { app, peers } = listeningApp();
    await using alice = await connectTo(app);
    const operation = alice.start('subscription { a }');
    await alice.fence();
    const payload = { data: { a: 'x'.repeat(1_000) } };

    alice.slowReader(100_000);
    const start = performance.now();
    for (let count = 0; count < 20; count += 1) {
      peers[0]?.say({ id: operation.id, type: 'next', payload });
    }
    await operation.next();
    const unreadAfterFirst = operation.unread;
    await alice.fence();

    expect(unreadAfterFirst).toBeLessThan(19);
    expect(operation.unread).toBe(19);
    expect(performance.now() - start).toBeGreaterThan(150);
  });

  test('resume() and close() end the slowness', async () => {
    const { app, peers } = listeningApp();
    const alice = await connectTo(app);
    const operation = alice.start('subscription { a }');
    await alice.fence();

    alice.slowReader(1);
    for (let count = 0; count < 20_000; count += 1) {
      peers[0]?.say({ id: operation.id, type: 'next', payload: { data: { count } } });
    }
    alice.resume();
    await alice.fence();
    expect(operation.unread).toBe(20_000);

    alice.slowReader(1);
    await alice.close();
    expect(await alice.closed).toMatchObject({ code: 1000 });
  });
});

forEachProtocol((protocol) =>
  describe(`the plugin and its clients in trouble (${protocol})`, () => {
    test('it finds a client that is half open', async () => {
      const app = await pluginApp({ keepAlive: { intervalMs: 20, timeoutMs: 20 } });
      const alice = await connect(app, { protocol });
      await alice.subscribe('subscription { onMessage(room: "kittens") { text } }');

      alice.halfOpen();

      await expectNoLeaks(app);
      expect(alice.isOpen).toBe(true);
      await alice.close();
    });

    test('it waits for a slow reader', async () => {
      const app = await pluginApp();
      await using alice = await connect(app, { protocol });
      const kittens = await alice.subscribe('subscription { onMessage(room: "kittens") { text } }');

      alice.slowReader(200_000);
      await app.broadcast(onMessage, { group: 'kittens', payload: { text: 'x'.repeat(20_000) } });

      await kittens.expectNext({ onMessage: { text: 'x'.repeat(20_000) } });
    });
  }),
);

test('what was done to the line stands in the exchange', async () => {
  const alice = await connect(scriptedApp({}), { init: false, timeoutMs: 100 });
  alice.slowReader(1);
  alice.pause();
  alice.resume();
  alice.halfOpen();
  const silent = await failureOf(alice.receive());
  alice.resume();
  alice.cutAfter(3);
  alice.send({ half: true });
  const cut = await failureOf(alice.receive());
  const bob = await connect(scriptedApp({}), { init: false });
  bob.drop();
  const dropped = await failureOf(bob.receive());

  expect(`${silent}\n\n${cut}\n\n${dropped}`).toMatchInlineSnapshot(`
    "Expected a message on the connection, but nothing came within 100 ms

    The exchange:
       1  ? ms  · reading at 1 bytes per second
       2  ? ms  · reading paused
       3  ? ms  · reading resumed
       4  ? ms  · half open: nothing is heard and nothing said

    Unread:
      nothing

    Expected a message on the connection, but the connection closed with 1006

    The exchange:
       1  ? ms  · reading at 1 bytes per second
       2  ? ms  · reading paused
       3  ? ms  · reading resumed
       4  ? ms  · half open: nothing is heard and nothing said
       5  ? ms  · reading resumed
       6  ? ms  · the line is cut after 3 more bytes
       7  ? ms  → {"half":true}
       8  ? ms  ✕ closed 1006

    Unread:
      nothing

    Expected a message on the connection, but the connection closed with 1006

    The exchange:
       1  ? ms  → socket dropped
       2  ? ms  ✕ closed 1006

    Unread:
      nothing"
  `);
});

test('numbers that make no sense are refused', async () => {
  await using alice = await connect(scriptedApp({}), { init: false });

  expect(() => alice.slowReader(0)).toThrow('Cannot call slowReader(0)');
  expect(() => alice.cutAfter(-1)).toThrow('Cannot call cutAfter(-1)');
});
