import { MODERN } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { expectQuiet } from './support/expect-quiet.ts';
import { messageFrame, Opcode, RawClient } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import type { Wire } from './support/wires.ts';

const typeDefs = 'type Query { hello: String } type Subscription { text: String }';
const wire: Wire = { protocol: MODERN, transport: 'socket' };

/**
 * The system hands a slow reader's progress on in steps: with the pace of these tests one step each
 * 30 ms or so. A download takes several times the timeout, which is many times a step.
 */
const keepAlive = { intervalMs: 20, timeoutMs: 300 };

/** An app that writes down who left, and a client that answers no ping and reads slowly. */
async function slowReader(resolvers: Record<string, object>) {
  const left: number[] = [];
  const { app } = await startApp(wire, {
    typeDefs,
    resolvers,
    keepAlive,
    onDisconnect: (_connection, code) => void left.push(code),
  });
  const client = await RawClient.connect(app, wire);
  client.readSlowly(1);
  return { app, client, left };
}

test('K1 a slow download of many messages is not a dead peer: the progress of the outbox counts', async () => {
  const total = 1_200;
  const { app, client, left } = await slowReader({
    Subscription: {
      text: {
        subscribe: async function* () {
          for (let count = 0; count < total; count += 1) yield { text: 'x'.repeat(32_768) };
        },
      },
    },
  });
  let received = 0;
  const finished = new Promise<void>((resolve) => {
    client.onFrame = ({ opcode, payload }) => {
      if (opcode === Opcode.TEXT) received += 1;
      if (payload.length < 100 && payload.includes('"complete"')) resolve();
    };
  });

  client.write(
    messageFrame({ id: '1', type: 'subscribe', payload: { query: 'subscription { text }' } }),
  );
  await Promise.race([finished, client.gone()]);

  expect({ received, left }).toEqual({ received: total + 1, left: [] });
  client.destroy();
  await expectQuiet(app);
});

test('K1 a slow download of one large message is not a dead peer', async () => {
  const hello = 'x'.repeat(40_000_000);
  const { app, client, left } = await slowReader({ Query: { hello: () => hello } });

  client.write(messageFrame({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } }));
  const frame = await client.next();

  expect(frame.payload.length).toBeGreaterThan(hello.length);
  expect(left).toEqual([]);
  client.destroy();
  await expectQuiet(app);
});
