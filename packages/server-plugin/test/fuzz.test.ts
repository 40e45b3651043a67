import { defineSubscription } from '@groupcast/fastify';
import { expect, onTestFinished, test } from 'vitest';
import { expectQuiet } from './support/expect-quiet.ts';
import { malformedFrame, malformedMessage, type Random, seeded } from './support/malformed.ts';
import { messageFrame, Opcode, RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth, type Wire } from './support/wires.ts';

/** For each of two subprotocols, in memory and over a socket. */
const MESSAGES = 5_000;
const MESSAGES_PER_CONNECTION = 25;

const typeDefs = `
  type Query { hello(n: Int): String }
  type Message { text: String }
  type Subscription { onMessage: Message, ticks: Int }
`;

/** An app whose schema has what malformed messages ask for. */
async function startTarget(wire: Wire) {
  const onMessage = defineSubscription({
    subscribe: () => 'all',
    publish: (message: { text: string }) => message,
  });
  async function* ticks() {
    yield { ticks: 1 };
  }
  const started = await startApp(wire, {
    typeDefs,
    resolvers: {
      Query: { hello: () => 'world' },
      Subscription: { onMessage, ticks: { subscribe: ticks } },
    },
    limits: { messageBytes: 20_000 },
  });
  return { ...started, onMessage };
}

/** What would have ended the process. */
function processFaults(): readonly unknown[] {
  const faults: unknown[] = [];
  const note = (fault: unknown): void => void faults.push(fault);
  process.on('uncaughtException', note).on('unhandledRejection', note);
  onTestFinished(() => {
    process.off('uncaughtException', note).off('unhandledRejection', note);
  });
  return faults;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describeBoth('malformed messages and frames', (wire) => {
  /** Sends what makes no sense until the server closes, and returns how much that was. */
  async function annoy(client: RawClient, random: Random): Promise<number> {
    let isOver = false;
    client.onFrame = ({ opcode }) => {
      isOver ||= opcode === Opcode.CLOSE;
    };
    void client.gone().then(() => {
      isOver = true;
    });
    client.write(upgradeRequest({ protocol: wire.protocol }));
    if (random() < 0.8) client.write(messageFrame({ type: 'connection_init' }));
    let sent = 0;
    while (!isOver && sent < MESSAGES_PER_CONNECTION) {
      client.write(random() < 0.1 ? malformedFrame(random) : malformedMessage(random));
      sent += 1;
      // Some share a segment, some come when the answer to the last one is there.
      if (random() < 0.7) await nextTurn();
    }
    if (random() < 0.5) client.destroy();
    return sent;
  }

  test('X2 end nothing but their own connections: the process lives, and a witness misses nothing', async () => {
    const { app, connect, onMessage } = await startTarget(wire);
    const faults = processFaults();
    const witness = await connect();
    const heard = await witness.subscribe('subscription { onMessage { text } }');
    const random = seeded(MESSAGES + wire.protocol.length);
    const clients: RawClient[] = [];

    for (let sent = 0; sent < MESSAGES; ) {
      const client = await RawClient.dial(app, wire.transport);
      clients.push(client);
      sent += await annoy(client, random);
      if (clients.length % 10 !== 0) continue;
      const text = `${clients.length} clients`;
      await app.broadcast(onMessage, { group: 'all', payload: { text } });
      await heard.expectNext({ onMessage: { text } });
    }

    await heard.expectSilence();
    expect(await witness.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    expect(faults).toEqual([]);
    for (const client of clients) client.destroy();
    witness.terminate();
    await expectQuiet(app);
  });
});
