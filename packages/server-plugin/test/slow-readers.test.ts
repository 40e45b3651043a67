import { defineSubscription } from '@groupcast/fastify';
import type { ResultPayload } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { expectQuiet } from './support/expect-quiet.ts';
import { type StartOptions, startApp } from './support/start-app.ts';
import { describeBoth, type Wire } from './support/wires.ts';

const typeDefs = `
  type Query { text(bytes: Int!): String, hello: String }
  type Message { n: Int, text: String }
  type Subscription { onMessage: Message }
`;

/** An app whose results are as large as one asks for. */
async function startTexts(wire: Wire, options: StartOptions) {
  const onMessage = defineSubscription({
    subscribe: () => [],
    publish: (message: { n: number; text: string }) => message,
  });
  const started = await startApp(wire, {
    typeDefs,
    resolvers: {
      Query: {
        hello: () => 'world',
        text: (_root: unknown, { bytes }: { bytes: number }) => 'x'.repeat(bytes),
      },
      Subscription: { onMessage },
    },
    ...options,
  });
  return { ...started, onMessage };
}

/** A field of a result's data. */
function read(field: string, { data }: ResultPayload): unknown {
  return data === undefined || data === null ? undefined : Reflect.get(data, field);
}

const text = (bytes: number): string => `{ text(bytes: ${bytes}) }`;
const world = { data: { hello: 'world' } };
const tooSlow = 'Too slow: too many bytes wait to be read';

describeBoth('limits.bufferedBytes', (wire) => {
  test('who does not read is closed with 1013 when more waits, and the log names the option', async () => {
    const { app, connect, log } = await startTexts(wire, { limits: { bufferedBytes: 500_000 } });
    const [slow, neighbour] = [await connect(), await connect()];
    slow.pause();

    // A system may take some megabytes before it makes anybody wait.
    for (let count = 0; count < 200; count += 1) slow.start(text(100_000));

    await expect
      .poll(() => log.map(({ message }) => message), { interval: 1 })
      .toContain('Client reads too slowly: it is closed with 1013 (limits.bufferedBytes)');
    expect(app.graphqlWs.stats().operations).toBe(0);
    expect(await neighbour.query('{ hello }')).toEqual(world);
    slow.resume();
    await slow.expectClose(1013, tooSlow);
    neighbour.terminate();
    await expectQuiet(app);
  });

  test('who never reads is cut off after closeTimeoutMs, and nothing is kept for it', async () => {
    const { app, connect } = await startTexts(wire, {
      limits: { bufferedBytes: 500_000 },
      closeTimeoutMs: 30,
    });
    const slow = await connect();
    slow.pause();

    for (let count = 0; count < 200; count += 1) slow.start(text(100_000));

    await expectQuiet(app);
  });

  test('a frame that finds nothing waiting goes whatever its size', async () => {
    const { connect } = await startTexts(wire, { limits: { bufferedBytes: 1_000 } });
    const client = await connect();

    for (let count = 0; count < 3; count += 1) {
      expect(read('text', await client.query(text(300_000)))).toHaveLength(300_000);
    }

    await client.expectSilence();
  });

  test('what is collected in one turn counts: the frame after a large one closes with 1013', async () => {
    const { connect } = await startTexts(wire, { limits: { bufferedBytes: 1_000 } });
    const client = await connect();

    // Both are answered in the turn in which they arrive, and stay below what is flushed at once.
    client.start(text(30_000));
    client.start(text(30_000));

    await client.expectClose(1013, tooSlow);
  });

  test('above half of it subscriptions queue: their reader stays, and gets all of it later', async () => {
    const bufferedBytes = 400_000;
    const bytes = 20_000;
    const { app, connect, onMessage } = await startTexts(wire, { limits: { bufferedBytes } });
    const [slow, neighbour] = [await connect(), await connect()];
    const late = await slow.subscribe('subscription { onMessage { n text } }');
    const heard = await neighbour.subscribe('subscription { onMessage { n } }');
    slow.pause();

    let sent = 0;
    while (app.graphqlWs.stats().queued < 20) {
      const payload = { n: sent, text: 'x'.repeat(bytes) };
      await app.broadcast(onMessage, { payload });
      await heard.expectNext({ onMessage: { n: sent } });
      sent += 1;
    }

    // Half of it, and the one notification that went beyond.
    expect(app.graphqlWs.stats().bytes).toBeLessThan(bufferedBytes / 2 + 2 * bytes);
    slow.resume();
    for (let n = 0; n < sent; n += 1) {
      expect(read('onMessage', await late.next())).toMatchObject({ n });
    }
    await slow.expectSilence();
    await heard.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ queued: 0, dropped: 0, bytes: 0 });
  });

  test('a subscriber who does not read loses its own oldest notifications, and nobody else any', async () => {
    const limits = { bufferedBytes: 400_000, queueLimit: 10 };
    const { app, connect, onMessage } = await startTexts(wire, { limits });
    const [slow, neighbour] = [await connect(), await connect()];
    const late = await slow.subscribe('subscription { onMessage { n text } }');
    const heard = await neighbour.subscribe('subscription { onMessage { n } }');
    slow.pause();

    let sent = 0;
    while (app.graphqlWs.stats().dropped < 50) {
      const payload = { n: sent, text: 'x'.repeat(20_000) };
      await app.broadcast(onMessage, { payload });
      await heard.expectNext({ onMessage: { n: sent } });
      sent += 1;
    }
    expect(app.graphqlWs.stats()).toMatchObject({ queued: 10, connections: 2 });
    const { dropped } = app.graphqlWs.stats();
    slow.resume();

    const numbers: unknown[] = [];
    for (let count = 0; count < sent - dropped; count += 1) {
      numbers.push(Object(read('onMessage', await late.next())).n);
    }
    await slow.expectSilence();
    // First those that were on their way, then a gap, then the ten newest.
    const all = Array.from({ length: sent }, (_, n) => n);
    expect(numbers).toEqual([...all.slice(0, sent - dropped - 10), ...all.slice(-10)]);
  });
});

describeBoth('limits.bufferedBytesTotal', (wire) => {
  test('above it the largest backlog is closed with 1013; smaller ones and readers stay', async () => {
    // More than the system takes for the three of them without anybody reading.
    const large = 12_000_000;
    const small = 9_000_000;
    const { app, connect, log } = await startTexts(wire, {
      limits: { bufferedBytes: 2 * large, bufferedBytesTotal: large },
    });
    const [first, second, reader] = [await connect(), await connect(), await connect()];
    first.pause();
    second.pause();
    first.start(text(large));
    const smaller = second.start(text(small));

    await expect
      .poll(() => log.map(({ message }) => message), { interval: 1 })
      .toContainEqual(expect.stringContaining('closed with 1013'));

    // Who does not read the close either is cut off: the memory is needed.
    await expect
      .poll(() => app.graphqlWs.stats(), { interval: 1 })
      .toMatchObject({ connections: 2 });
    expect(app.graphqlWs.stats().bytes).toBeLessThanOrEqual(large);
    first.resume();
    second.resume();
    expect(read('text', await smaller.next())).toHaveLength(small);
    await smaller.expectComplete();
    await first.closed;
    expect(await second.query('{ hello }')).toEqual(world);
    expect(await reader.query('{ hello }')).toEqual(world);
  });

  test('many clients who read are closed by nobody, however much is sent to all of them at once', async () => {
    const limits = { bufferedBytesTotal: 100_000 };
    const { app, connect, onMessage } = await startTexts(wire, { limits });
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect()));
    const heard = await Promise.all(
      clients.map((client) => client.subscribe('subscription { onMessage { n text } }')),
    );

    const payload = { n: 1, text: 'x'.repeat(20_000) };
    await app.broadcast(onMessage, { payload });

    for (const each of heard) await each.expectNext({ onMessage: payload });
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 20, bytes: 0 });
  });
});
