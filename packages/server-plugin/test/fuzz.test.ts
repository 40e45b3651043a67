import { defineSubscription } from '@groupcast/fastify';
import { LEGACY, MODERN } from '@groupcast/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { messageFrame, RawClient, rawFrame, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';

const typeDefs = `
  type Query { hello(n: Int): String }
  type Message { text: String }
  type Subscription { onMessage: Message, ticks: Int }
`;

/** Numbers from a seed, so that a run can be repeated (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pick<T>(random: () => number, from: readonly T[]): T {
  // An index below the length: what stands there may be undefined on purpose.
  return from[Math.floor(random() * from.length)] as T;
}

const TYPES = [
  'connection_init',
  'subscribe',
  'start',
  'complete',
  'stop',
  'ping',
  'pong',
  'next',
  'connection_terminate',
  'nonsense',
  7,
  null,
];
const VALUES: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  1e300,
  '',
  'x',
  '__proto__',
  'constructor',
  true,
  [],
  {},
  [[[]]],
  { toJSON: 1 },
  { query: '{ hello }' },
  { query: 'subscription { onMessage { text } }' },
  { query: 'subscription { ticks }', variables: { __proto__: null } },
  { query: '{ hello(n: $n) }', variables: [] },
  { query: '{', operationName: 1 },
  { query: { kind: 'Document', definitions: [] } },
  { query: { kind: 'Document', definitions: [{ kind: 'Nonsense' }] } },
  { query: '{ __typename }', extensions: { groupcast: { v: 1, confirm: 'x' } } },
];

function malformedMessage(random: () => number): Buffer {
  const kind = random();
  if (kind < 0.7) {
    return messageFrame({
      type: pick(random, TYPES),
      id: pick(random, [...VALUES, '1', '2', '3']),
      payload: pick(random, VALUES),
    });
  }
  if (kind < 0.85) {
    const text = JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ hello }' } });
    const at = Math.floor(random() * text.length);
    return rawFrame(
      1,
      text.slice(0, at) + String.fromCharCode(random() * 200) + text.slice(at + 1),
    );
  }
  return rawFrame(
    1,
    pick(random, ['', '{', '[]', 'null', '"x"', '{"type":', `${'['.repeat(5_000)}`]),
  );
}

/** Bytes that are no frame, or a frame that may not be. */
function malformedFrame(random: () => number): Buffer {
  const valid = malformedMessage(random);
  const kind = random();
  if (kind < 0.3) return Buffer.from(Array.from({ length: 20 }, () => Math.floor(random() * 256)));
  if (kind < 0.5) return rawFrame(pick(random, [0, 2, 3, 7, 8, 9, 10, 11, 15]), 'xx');
  if (kind < 0.6) return rawFrame(9, 'x'.repeat(126));
  if (kind < 0.7) return rawFrame(1, Buffer.from([0xc3, 0x28, 0xff]));
  if (kind < 0.8) return valid.subarray(0, Math.floor(random() * valid.length));
  const broken = Buffer.from(valid);
  broken.writeUInt8(Math.floor(random() * 256), Math.floor(random() * Math.min(4, broken.length)));
  return broken;
}

test.each([MODERN, LEGACY] as const)(
  'X2 10,000 malformed messages and frames over %s end nothing but their own connections',
  async (protocol) => {
    const onMessage = defineSubscription({
      subscribe: () => 'all',
      publish: (message: { text: string }) => message,
    });
    const { app, connect } = await startApp(
      { protocol, transport: 'socket' },
      {
        typeDefs,
        resolvers: {
          Query: { hello: () => 'world' },
          Subscription: {
            onMessage,
            ticks: {
              subscribe: async function* () {
                yield { ticks: 1 };
              },
            },
          },
        },
      },
    );
    const faults: unknown[] = [];
    const note = (fault: unknown): void => void faults.push(fault);
    process.on('uncaughtException', note).on('unhandledRejection', note);
    onTestFinished(() => {
      process.off('uncaughtException', note).off('unhandledRejection', note);
    });
    const witness = await connect();
    const heard = await witness.subscribe('subscription { onMessage { text } }');
    const random = seeded(protocol.length);

    for (let round = 0; round < 500; round += 1) {
      const client = await RawClient.dial(app);
      client.write(upgradeRequest({ protocol }));
      if (random() < 0.8) client.write(messageFrame({ type: 'connection_init' }));
      for (let n = 0; n < 20; n += 1) {
        client.write(random() < 0.2 ? malformedFrame(random) : malformedMessage(random));
        if (n % 5 === 4) await new Promise((resolve) => setImmediate(resolve));
      }
      if (random() < 0.5) client.destroy();
      if (round % 50 === 0) {
        await app.broadcast(onMessage, { group: 'all', payload: { text: String(round) } });
      }
    }

    for (let round = 0; round < 500; round += 50) {
      await heard.expectNext({ onMessage: { text: String(round) } });
    }
    await heard.expectSilence();
    expect(faults).toEqual([]);
  },
);
