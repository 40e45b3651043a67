import { defineSubscription } from '@groupcast/fastify';
import { MODERN, type Subprotocol } from '@groupcast/protocol';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { ControlledSource } from './support/controlled-source.ts';
import { expectQuiet } from './support/expect-quiet.ts';
import { createGate } from './support/gate.ts';
import { messageFrame, Opcode, RawClient, rawFrame } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth, describeModern } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String, hang: String }
  type Subscription { onText(room: String): String, ticks: Int }
`;

/** What happened in the app, in order, and the parts of the app that write it down. */
function recordedApp() {
  const story: string[] = [];
  const ticks = new ControlledSource<object>();
  const hang = createGate<string>();
  const signals: AbortSignal[] = [];
  const onText = defineSubscription({
    subscribe: (_root, args: { room?: string }) => args.room,
    publish: (text: string) => text,
    unsubscribed: async (reason, { room }) => {
      story.push(`unsubscribing ${room} (${reason})`);
      await new Promise((resolve) => setImmediate(resolve));
      story.push(`unsubscribed ${room} (${reason})`);
    },
  });
  const options = {
    typeDefs,
    resolvers: {
      Query: { hello: () => 'world', hang: () => hang.arrive() },
      Subscription: { onText, ticks: { subscribe: () => ticks } },
    },
    context: ({ operation }: { operation: { signal: AbortSignal } }): object => {
      signals.push(operation.signal);
      return {};
    },
    onDisconnect: (_connection: object, code: number, reason: string): void => {
      story.push(`disconnected ${code} "${reason}"`);
    },
  };
  return { story, ticks, hang, signals, options };
}

/** Makes frames that start operations in a subprotocol. */
function startIn(protocol: Subprotocol): (id: string, query: string) => Buffer {
  const type = protocol === MODERN ? 'subscribe' : 'start';
  return (id, query) => messageFrame({ id, type, payload: { query } });
}

const ends = [
  'unsubscribing a (disconnect)',
  'unsubscribing b (disconnect)',
  'unsubscribed a (disconnect)',
  'unsubscribed b (disconnect)',
];

describeBoth('the reason of a close', (wire) => {
  const letters = 'Ж'.repeat(100);
  const emojis = '🐈'.repeat(40);

  test.each([
    { text: 'x'.repeat(123), sent: 'x'.repeat(123) },
    { text: 'x'.repeat(124), sent: 'x'.repeat(123) },
    { text: letters, sent: 'Ж'.repeat(61) },
    { text: `x${letters}`, sent: `x${'Ж'.repeat(61)}` },
    { text: emojis, sent: '🐈'.repeat(30) },
    { text: '\ud800', sent: '\ufffd' },
  ])(
    'T36 of $text.length characters is cut to 123 bytes, whoever gave it',
    async ({ text, sent }) => {
      const { app, connect } = await startApp(wire, {
        typeDefs,
        onConnect: ({ params }) => {
          if (params['refuse'] === true) throw new GraphQLError(text);
          return { tags: ['everybody'] };
        },
        onOperation: (_operation, connection) => connection.close(4001, text),
      });

      const refused = await connect({ init: false });
      refused.send({ type: 'connection_init', payload: { refuse: true } });
      await refused.expectClose(4403, sent);

      const closed = await connect();
      closed.start('{ hello }');
      await closed.expectClose(4001, sent);

      const disconnected = await connect();
      await app.graphqlWs.disconnect({ tag: 'everybody', code: 3000, reason: text });
      await disconnected.expectClose(3000, sent);
    },
  );
});

describeModern('the reason of 4409', (wire) => {
  test('T36 that names a long id is cut inside of the id, on a character boundary', async () => {
    const { connect } = await startApp(wire, recordedApp().options);
    const client = await connect();
    const id = 'Ж'.repeat(50_000);
    await client.subscribe('subscription { onText }', { id });

    client.send({ id, type: 'subscribe', payload: { query: '{ hello }' } });

    // The words before the id take 15 bytes, each letter 2.
    await client.expectClose(4409, `Subscriber for ${'Ж'.repeat(54)}`);
  });
});

describeBoth('a client that leaves', (wire) => {
  const start = startIn(wire.protocol);

  test.each([
    {
      how: 'closes',
      frame: rawFrame(Opcode.CLOSE, Buffer.from('\u0010\u00e1bye', 'latin1')),
      code: 4321,
      reason: 'bye',
    },
    { how: 'closes without a code', frame: rawFrame(Opcode.CLOSE), code: 1005, reason: '' },
    { how: 'is cut off', frame: undefined, code: 1006, reason: '' },
  ])(
    'T37 T38 and $how: operations end, each unsubscribed runs once, then onDisconnect with $code',
    async ({ frame, code, reason }) => {
      const { story, ticks, hang, signals, options } = recordedApp();
      const { app } = await startApp(wire, options);
      const client = await RawClient.connect(app, wire);
      client.write(
        start('1', 'subscription { onText(room: "a") }'),
        start('2', 'subscription { onText(room: "b") }'),
        start('3', 'subscription { ticks }'),
        start('4', '{ hang }'),
      );
      await hang.arrived();
      await expect.poll(() => app.graphqlWs.stats().members, { interval: 1 }).toBe(4);

      if (frame === undefined) client.destroy();
      else client.write(frame);
      await expect
        .poll(() => signals.filter(({ aborted }) => aborted), { interval: 1 })
        .toHaveLength(4);
      hang.open('too late');
      await client.gone();
      await expectQuiet(app);

      expect(story).toEqual([...ends, `disconnected ${code} "${reason}"`]);
      expect(ticks.returns).toBe(1);
    },
  );

  test('T37 while hooks of its operations are pending: nothing of them comes to life', async () => {
    const { story, options } = recordedApp();
    const gate = createGate();
    const { app, connect } = await startApp(wire, {
      ...options,
      onOperation: () => gate.arrive(),
    });
    const client = await connect();
    client.start('subscription { onText(room: "a") }');
    client.start('{ hello }');
    await gate.arrived(2);

    await client.close(4000, 'gone');
    await expect.poll(() => app.graphqlWs.stats().operations, { interval: 1 }).toBe(0);
    gate.open();
    await expectQuiet(app);

    expect(story).toEqual(['disconnected 4000 "gone"']);
  });

  test('T38 before the acknowledgement: onDisconnect is not called', async () => {
    const { story, options } = recordedApp();
    const gate = createGate();
    const { app, connect } = await startApp(wire, { ...options, onConnect: () => gate.arrive() });

    const silent = await connect({ init: false });
    const pending = await connect({ init: false });
    pending.send({ type: 'connection_init' });
    await gate.arrived();
    await silent.close();
    await pending.close();
    await expectQuiet(app);
    gate.open();
    await app.graphqlWs.settled();

    expect(story).toEqual([]);
  });
});

describeBoth('a connection that the server closes', (wire) => {
  const start = startIn(wire.protocol);

  test('T38 ends its operations, then tells onDisconnect the code that was decided', async () => {
    const { story, options } = recordedApp();
    const { app, connect } = await startApp(wire, {
      ...options,
      onConnect: () => ({ tags: ['a'] }),
    });
    const client = await connect();
    await client.subscribe('subscription { onText(room: "a") }');
    await client.subscribe('subscription { onText(room: "b") }');

    await app.graphqlWs.disconnect({ tag: 'a', code: 4003, reason: 'Out' });
    await client.expectClose(4003, 'Out');
    await expectQuiet(app);

    expect(story).toEqual([...ends, 'disconnected 4003 "Out"']);
  });

  test('T38 hooks that fail are logged, and hold up nothing', async () => {
    const failure = new Error('no');
    const onText = defineSubscription({
      subscribe: () => undefined,
      publish: (text: string) => text,
      unsubscribed: () => {
        throw failure;
      },
    });
    const { app, connect, log } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onText } },
      onDisconnect: async () => {
        throw failure;
      },
    });
    const client = await connect();
    await client.subscribe('subscription { onText }');

    await client.close();
    await expectQuiet(app);

    const errors = log.filter(({ level }) => level === 'error');
    expect(errors.map(({ message }) => message)).toEqual([
      'unsubscribed() failed',
      'onDisconnect() failed',
    ]);
  });

  test('T38 an unsubscribed that hangs holds up onDisconnect for closeTimeoutMs at most', async () => {
    const story: string[] = [];
    const onText = defineSubscription({
      subscribe: () => undefined,
      publish: (text: string) => text,
      unsubscribed: () => new Promise<void>(() => story.push('hanging')),
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      closeTimeoutMs: 20,
      resolvers: { Subscription: { onText } },
      onDisconnect: () => void story.push('disconnected'),
    });
    const client = await connect();
    await client.subscribe('subscription { onText }');

    await client.close();
    await expectQuiet(app);

    expect(story).toEqual(['hanging', 'disconnected']);
  });

  test('T37 a client that does not answer the close is cut off after closeTimeoutMs', async () => {
    const story: string[] = [];
    const { app } = await startApp(wire, {
      typeDefs,
      closeTimeoutMs: 20,
      onDisconnect: (_connection, code, reason) => void story.push(`${code} ${reason}`),
      onOperation: (_operation, connection) => connection.close(4000, 'enough'),
    });
    const client = await RawClient.connect(app, wire);
    client.write(start('1', '{ hello }'));

    expect(await client.close()).toEqual({ code: 4000, reason: 'enough' });
    await client.gone();
    await expectQuiet(app);
    expect(story).toEqual(['4000 enough']);
  });
});
