import { LEGACY, MODERN } from '@groupcast/protocol';
import type { FastifyInstance } from 'fastify';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { expectQuiet } from './support/expect-quiet.ts';
import { messageFrame, RawClient } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import type { Wire } from './support/wires.ts';

const typeDefs = 'type Query { hello: String } type Subscription { text: String }';
const wires: readonly Wire[] = [
  { protocol: MODERN, transport: 'socket' },
  { protocol: LEGACY, transport: 'socket' },
];

/** More than the buffers of the system hold, on both sides of a line. */
const stepBytes = 8_000_000;

const limits = { bufferedBytes: 4_000_000 };

/**
 * An app whose keep-alive looks around only when the test lets time pass, and a client that answers
 * no ping, since it is far from having read one.
 */
async function slowReader(wire: Wire, query: string, resolvers: Record<string, object>) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const left: number[] = [];
  const { app } = await startApp(wire, {
    typeDefs,
    resolvers,
    keepAlive: { intervalMs: 1_000, timeoutMs: 400 },
    warnOperationMs: 0,
    limits,
    onDisconnect: (_connection, code) => void left.push(code),
  });
  const client = await RawClient.connect(app, wire);
  client.pause();
  const type = wire.protocol === MODERN ? 'subscribe' : 'start';
  client.write(messageFrame({ id: '1', type, payload: { query } }));
  await backlogged(app);
  return { app, client, left };
}

/** Waits until the system takes no more, and as much waits as may before sources are paused. */
async function backlogged(app: FastifyInstance): Promise<void> {
  await expect
    .poll(() => app.graphqlWs.stats().bytes, { interval: 1 })
    .toBeGreaterThan(limits.bufferedBytes / 2);
}

describe.each(wires)('over $protocol', (wire) => {
  test.each([
    {
      what: 'many messages',
      query: 'subscription { text }',
      resolvers: {
        Subscription: {
          text: {
            subscribe: async function* () {
              for (;;) yield { text: 'x'.repeat(32_768) };
            },
          },
        },
      },
    },
    {
      what: 'one large message',
      query: '{ hello }',
      resolvers: { Query: { hello: () => 'x'.repeat(60_000_000) } },
    },
  ])(
    'K1 a slow download of $what is not a dead peer, until it stands still',
    async ({ query, resolvers }) => {
      const { app, client, left } = await slowReader(wire, query, resolvers);

      // A round ends with a ping, long after the time to answer the one before is over.
      vi.advanceTimersByTime(1_000);
      for (let round = 0; round < 5; round += 1) {
        await client.read(stepBytes);
        vi.advanceTimersByTime(300);
        await backlogged(app);
        vi.advanceTimersByTime(700);
      }
      await app.graphqlWs.settled();
      expect(app.graphqlWs.stats().connections).toBe(1);
      vi.advanceTimersByTime(500);

      await expectQuiet(app);
      expect(left).toEqual([1006]);
    },
  );
});
