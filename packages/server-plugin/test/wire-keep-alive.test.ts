import { MODERN } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { expectQuiet } from './support/expect-quiet.ts';
import {
  messageFrame,
  Opcode,
  RawClient,
  type RawFrame,
  rawFrame,
  upgradeRequest,
} from './support/raw-client.ts';
import { type StartOptions, startApp } from './support/start-app.ts';
import { describeBoth, type Wire } from './support/wires.ts';

const typeDefs = 'type Query { hello: String } type Subscription { text: String }';
const socket: Wire = { protocol: MODERN, transport: 'socket' };
const keepAlive = { intervalMs: 20, timeoutMs: 20 };

/** An app that writes down who left, and a client made of bytes that is connected to it. */
async function watchedClient(wire: Wire, options: StartOptions = {}) {
  const left: number[] = [];
  const { app, log } = await startApp(wire, {
    typeDefs,
    keepAlive,
    ...options,
    onDisconnect: (_connection, code) => void left.push(code),
  });
  const client = await RawClient.connect(app, wire);
  return { app, client, left, log };
}

async function nextPing(client: RawClient): Promise<RawFrame> {
  const frame = await client.next();
  expect(frame.opcode).toBe(Opcode.PING);
  return frame;
}

describeBoth('keep-alive', (wire) => {
  const start = wire.protocol === MODERN ? 'subscribe' : 'start';

  test('K1 who answers no ping is terminated, without a close frame, and cleaned up', async () => {
    const { app, client, left, log } = await watchedClient(wire);

    await nextPing(client);
    await client.gone();

    await expectQuiet(app);
    expect(left).toEqual([1006]);
    expect(client.unread).toEqual([]);
    expect(log).toContainEqual(
      expect.objectContaining({ message: 'Client gives no sign of life: it is terminated' }),
    );
  });

  test('K1 who has not even sent an init is terminated too', async () => {
    const { app } = await startApp(wire, { typeDefs, keepAlive, connectionInitTimeoutMs: 0 });
    const client = await RawClient.dial(app, wire.transport);
    client.write(upgradeRequest({ protocol: wire.protocol }));

    await nextPing(client);
    await client.gone();

    await expectQuiet(app);
  });

  test('K1 who answers is kept, ping after ping, until it answers no more', async () => {
    const { app, client, left } = await watchedClient(wire);

    for (let count = 0; count < 3; count += 1) {
      const { payload } = await nextPing(client);
      client.write(rawFrame(Opcode.PONG, payload));
    }
    expect(left).toEqual([]);
    await nextPing(client);
    await client.gone();

    await expectQuiet(app);
    expect(left).toEqual([1006]);
  });

  test('K1 any message is a sign of life, also one that is no answer to the ping', async () => {
    const { app, client, left } = await watchedClient(wire);

    for (let count = 0; count < 3; count += 1) {
      await nextPing(client);
      client.write(
        messageFrame(
          wire.protocol === MODERN
            ? { id: 'unknown', type: 'complete' }
            : { id: 'unknown', type: 'stop' },
        ),
      );
    }
    expect(left).toEqual([]);
    await client.gone();

    await expectQuiet(app);
  });

  test('K1 a reader that stands still is a dead peer, however much waits for it', async () => {
    const left: number[] = [];
    const { app, connect } = await startApp(wire, {
      typeDefs,
      keepAlive,
      resolvers: {
        Subscription: {
          text: {
            subscribe: async function* () {
              for (;;) yield { text: 'x'.repeat(32_768) };
            },
          },
        },
      },
      onDisconnect: (_connection, code) => void left.push(code),
    });
    const client = await connect();
    client.pause();
    client.start('subscription { text }');

    await expectQuiet(app);
    expect(left).toEqual([1006]);
  });

  test('K2 one timer serves all connections, and none runs without them', async () => {
    const { app, connect } = await startApp(wire, { typeDefs });
    expect(app.graphqlWs.stats().timers).toBe(0);

    const clients = await Promise.all(Array.from({ length: 20 }, () => connect()));
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 20, timers: 1 });
    for (const client of clients) await client.close();

    await expectQuiet(app);
  });

  test('K2 with keepAlive: false no timer runs at all', async () => {
    const { app, connect } = await startApp(wire, { typeDefs, keepAlive: false });

    await connect();

    expect(app.graphqlWs.stats()).toMatchObject({ connections: 1, timers: 0 });
  });

  test('K3 the answer to a websocket ping leaves after all that was sent before it', async () => {
    const hello = 'x'.repeat(100_000);
    const { app } = await startApp(wire, {
      typeDefs,
      resolvers: { Query: { hello: () => hello } },
    });
    const client = await RawClient.connect(app, wire);
    const ask = (id: string): Buffer =>
      messageFrame({ id, type: start, payload: { query: '{ hello }' } });

    client.write(
      rawFrame(Opcode.PING, 'zero'),
      ask('1'),
      rawFrame(Opcode.PING, 'one'),
      ask('2'),
      ask('3'),
      rawFrame(Opcode.PING, ''),
    );

    const story: string[] = [];
    while (story.length < 9) {
      const { opcode, payload } = await client.next();
      story.push(
        opcode === Opcode.PONG
          ? `pong ${payload}`
          : (/^{"id":"\d","type":"\w+"/.exec(`${payload}`)?.[0] ?? ''),
      );
    }
    const type = wire.protocol === MODERN ? 'next' : 'data';
    expect(story).toEqual([
      'pong zero',
      `{"id":"1","type":"${type}"`,
      '{"id":"1","type":"complete"',
      'pong one',
      `{"id":"2","type":"${type}"`,
      '{"id":"2","type":"complete"',
      `{"id":"3","type":"${type}"`,
      '{"id":"3","type":"complete"',
      'pong ',
    ]);
  });
});

test('K1 any byte is a sign of life, also a part of a message that takes its time', async () => {
  const { app, client, left } = await watchedClient(socket);
  const message = messageFrame({ type: 'ping', payload: { at: 1 } });

  // One byte for each ping: the whole message takes many times the timeout.
  let sent = 0;
  client.onFrame = ({ opcode }) => {
    if (opcode !== Opcode.PING || sent >= message.length) return;
    client.write(message.subarray(sent, sent + 1));
    sent += 1;
  };
  const early = 10;
  while (sent < early) await nextPing(client);
  client.write(message.subarray(sent));
  sent = message.length;

  let frame = await client.next();
  while (frame.opcode === Opcode.PING) frame = await client.next();
  expect(JSON.parse(frame.payload.toString())).toEqual({ type: 'pong', payload: { at: 1 } });
  expect(left).toEqual([]);
  await client.gone();
  await expectQuiet(app);
});
