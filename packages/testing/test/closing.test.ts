import { expect, test } from 'vitest';

import { acknowledgingApp, scriptedApp } from './support/scripted-app.ts';
import { describeTransports } from './support/transports.ts';

describeTransports('closing', (connectTo) => {
  test('expectClose() compares the code and, when given, the reason', async () => {
    const app = scriptedApp({ onMessage: ({ webSocket }) => webSocket.close(4400, 'Bad: 1') });
    const alice = await connectTo(app, { init: false });

    alice.send({});

    await alice.expectClose(4400);
    await alice.expectClose(4400, 'Bad: 1');
    await alice.expectClose(4400, /^Bad: \d/g);
    await expect(alice.expectClose(4401)).rejects.toMatchObject({
      actual: { code: 4400, reason: 'Bad: 1' },
      expected: { code: 4401 },
    });
    await expect(alice.expectClose(4400, 'Bad')).rejects.toThrow(
      `Expected the connection to close with 4400 'Bad', but it closed with 4400 "Bad: 1"`,
    );
    expect(alice.isOpen).toBe(false);
  });

  test('close() resolves when the handshake is done, with the code at the server', async () => {
    let tellClose: (close: [number, string]) => void;
    const closeAtServer = new Promise<[number, string]>((resolve) => {
      tellClose = resolve;
    });
    const app = acknowledgingApp({
      onOpen: ({ webSocket }) =>
        webSocket.on('close', (code, reason) => tellClose([code, reason.toString()])),
    });
    const alice = await connectTo(app);

    await alice.close(4000, 'bye');

    expect(await alice.closed).toEqual({ code: 4000, reason: 'bye' });
    expect(await closeAtServer).toEqual([4000, 'bye']);
  });

  test('close() of what has closed already resolves', async () => {
    const alice = await connectTo(acknowledgingApp({}));
    await alice.close();

    await alice.close(4000);

    expect(await alice.closed).toMatchObject({ code: 1000 });
  });

  test('await using closes with 1000', async () => {
    const app = acknowledgingApp({});
    let closed: Promise<{ code: number }>;

    {
      await using alice = await connectTo(app);
      closed = alice.closed;
    }

    expect(await closed).toMatchObject({ code: 1000 });
  });

  test('terminate() is a cut line to the server, after all that was sent before', async () => {
    const seen: unknown[] = [];
    const app = scriptedApp({
      onOpen: ({ webSocket }) => webSocket.on('close', (code) => seen.push(code)),
      onMessage: (_peer, message) => seen.push(message),
    });
    const alice = await connectTo(app, { init: false });
    const dropped = new Promise((resolve) => app.sockets[0]?.on('close', resolve));

    alice.send({ last: 'word' });
    alice.terminate();

    await alice.expectClose(1006);
    await dropped;
    expect(seen).toEqual([{ last: 'word' }, 1006]);
  });

  test('a socket that the server cuts is seen after all that it sent before', async () => {
    const app = scriptedApp({
      onMessage: ({ say, webSocket }) => {
        say({ last: 1 });
        say({ last: 2 });
        webSocket.terminate();
      },
    });
    const alice = await connectTo(app, { init: false });

    alice.send({});

    await alice.expectClose(1006);
    await alice.expectMessage({ last: 1 });
    await alice.expectMessage({ last: 2 });
  });

  test('whoever waits is told of a close at once', async () => {
    const app = acknowledgingApp({ onMessage: ({ webSocket }) => webSocket.close(4500, 'oops') });
    const alice = await connectTo(app);
    const operation = alice.start('{ a }');

    const waiting = [
      operation.next(),
      alice.receive(),
      alice.fence(),
      operation.expectSilence(),
      alice.expectSilence(),
    ];

    for (const outcome of await Promise.allSettled(waiting)) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { message: expect.stringContaining('but the connection closed with 4500 "oops"') },
      });
    }
    await expect(alice.subscribe('{ a }')).rejects.toThrow('the connection closed with 4500');
    await expect(alice.query('{ a }')).rejects.toThrow('the connection closed with 4500');
  });

  test('what arrived before a close can still be read', async () => {
    const app = acknowledgingApp({
      onMessage: ({ say, webSocket }, { id }) => {
        say({ id, type: 'next', payload: { data: { a: 1 } } });
        webSocket.close(1012);
      },
    });
    const alice = await connectTo(app);

    const operation = alice.start('{ a }');
    await alice.expectClose(1012);

    await operation.expectNext({ a: 1 });
    await expect(operation.next()).rejects.toThrow('the connection closed with 1012');
  });

  test('what is sent after a close goes nowhere, and the transcript says so', async () => {
    const alice = await connectTo(acknowledgingApp({}));
    await alice.close();

    alice.send({ type: 'late' });

    expect(alice.transcript()).toMatch(/not sent, the connection is closed:\n.*→ late$/);
  });

  test('close() fails when the server does not answer it, and drops the socket', async () => {
    const app = acknowledgingApp({ onOpen: ({ webSocket }) => webSocket.pause() });
    const alice = await connectTo(app, { init: false, timeoutMs: 100 });

    await expect(alice.close()).rejects.toThrow(
      'Expected the server to answer the close, but nothing came within 100 ms',
    );
    await alice.expectClose(1006);
  });

  test('a frame that breaks the websocket protocol stands in the transcript', async () => {
    const app = scriptedApp({
      onMessage: () => app.sockets[0]?.write(Uint8Array.of(0xff, 0x00)),
    });
    const alice = await connectTo(app, { init: false });

    alice.send({});

    await alice.expectClose(1006);
    expect(alice.transcript()).toContain('✕ error: Invalid WebSocket frame: RSV2 and RSV3');
  });
});
