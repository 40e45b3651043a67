import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { defineSubscription } from '@groupcast/fastify';
import { LEGACY, MODERN, type Subprotocol } from '@groupcast/protocol';
import type { FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { fastPaths } from '../src/fast-paths.ts';
import { expectQuiet } from './support/expect-quiet.ts';
import {
  messageFrame,
  Opcode,
  RawClient,
  type RawFrame,
  rawFrame,
  upgradeRequest,
} from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import type { Wire } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String }
  type Subscription { onText: String }
`;

async function startTexts(wire: Wire) {
  const onText = defineSubscription({ subscribe: () => 'all', publish: (text: string) => text });
  const { app } = await startApp(wire, {
    typeDefs,
    resolvers: { Subscription: { onText } },
    limits: { bufferedBytes: 10_000_000 },
  });
  const broadcast = (...texts: readonly string[]): Promise<unknown> =>
    Promise.all(texts.map((payload) => app.broadcast(onText, { group: 'all', payload })));
  return { app, broadcast };
}

function subscribeFrame({ protocol }: Wire, id: string | number): Buffer {
  const type = protocol === MODERN ? 'subscribe' : 'start';
  return messageFrame({ id, type, payload: { query: 'subscription { onText }' } });
}

async function subscribed(app: FastifyInstance, count: number): Promise<void> {
  await vi.waitFor(() => expect(app.graphqlWs.stats().members).toBe(2 * count), { interval: 1 });
  await app.graphqlWs.settled();
}

/** The text of a result, as `RawFrame.payload` has it. */
function textOf({ opcode, payload }: RawFrame): unknown {
  return opcode === Opcode.TEXT ? JSON.parse(payload.toString()).payload.data.onText : opcode;
}

/** Every length around which a frame's head changes, and every width of a character. */
const texts = [
  '',
  'short',
  ...[48, 49, 50, 51, 60, 61, 62, 63, 64, 65, 66].map((length) => 'x'.repeat(length)),
  'é ü 🎉 \u2028 "quoted" \\ \n',
  'ж'.repeat(30),
  'x'.repeat(32_000),
  ...[65_470, 65_471, 65_480, 65_481, 65_490].map((length) => 'x'.repeat(length)),
  '€'.repeat(40_000),
  'x'.repeat(200_000),
];

const ids = [
  '1',
  '22',
  '',
  'a "quoted" id',
  'back\\slash',
  'naïve',
  '🎉',
  '\u0007',
  'y'.repeat(300),
];

/**
 * All bytes that a server sends to a client which subscribes under many ids, until it is closed: by
 * id, since only the frames of one id have an order.
 */
async function bytesOnTheWire(wire: Wire): Promise<Map<unknown, string>> {
  const { app, broadcast } = await startTexts(wire);
  const socket = await dial(app);
  const pieces: Buffer[] = [];
  socket.on('data', (bytes) => pieces.push(bytes));
  const usable = wire.protocol === MODERN ? ids.filter((id) => id !== '') : [...ids, 7, 1.5];
  socket.write(upgradeRequest({ protocol: wire.protocol }));
  socket.write(messageFrame({ type: 'connection_init' }));
  for (const id of usable) {
    socket.write(subscribeFrame(wire, id));
    await subscribed(app, usable.indexOf(id) + 1);
  }
  for (const text of texts) {
    await broadcast(text);
    await flushed(app);
  }
  await broadcast('several', 'in', 'one turn');
  await broadcast(...texts.slice(0, 8));
  await flushed(app);
  const closed = once(socket, 'close');
  socket.write(rawFrame(Opcode.CLOSE, Uint8Array.of(3, 232)));
  await closed;
  return byId(Buffer.concat(pieces));
}

function byId(bytes: Buffer): Map<unknown, string> {
  const found = new Map<unknown, string>();
  for (let at = bytes.indexOf('\r\n\r\n') + 4; at < bytes.length; ) {
    const short = bytes.readUInt8(at + 1);
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length =
      head === 2 ? short : bytes.readUIntBE(at + (head === 4 ? 2 : 4), head === 4 ? 2 : 6);
    const frame = bytes.subarray(at, at + head + length);
    const isText = bytes.readUInt8(at) === 0x81;
    const id: unknown = isText ? JSON.parse(frame.subarray(head).toString()).id : 'control';
    found.set(id, (found.get(id) ?? '') + frame.toString('latin1'));
    at += frame.length;
  }
  return found;
}

async function dial(app: FastifyInstance): Promise<Socket> {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('The app does not listen');
  const socket = connectSocket({ host: '127.0.0.1', port: address.port });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Waits until all that was broadcast has left. */
async function flushed(app: FastifyInstance): Promise<void> {
  await app.graphqlWs.settled();
  await vi.waitFor(() => expect(app.graphqlWs.stats()).toMatchObject({ queued: 0, bytes: 0 }), {
    interval: 1,
  });
}

const protocols: readonly Subprotocol[] = [MODERN, LEGACY];

describe.each(protocols)('frames that are written past the WebSocket (%s)', (protocol) => {
  const wire: Wire = { protocol, transport: 'socket' };

  beforeEach(() => {
    const before = fastPaths.directWrites;
    onTestFinished(() => {
      fastPaths.directWrites = before;
    });
  });

  test('are the bytes that the WebSocket would have written, up to the close', async () => {
    fastPaths.directWrites = true;
    const direct = await bytesOnTheWire(wire);
    fastPaths.directWrites = false;
    const plain = await bytesOnTheWire(wire);

    expect([...direct.keys()]).toEqual([...plain.keys()]);
    for (const [id, bytes] of plain) expect(direct.get(id) === bytes).toBe(true);
    expect(plain.size).toBeGreaterThan(8);
  });

  test('stay what they are while they wait, whatever is sent to others', async () => {
    fastPaths.directWrites = true;
    const { app, broadcast } = await startTexts(wire);
    const slow = await RawClient.connect(app, wire);
    const neighbour = await RawClient.connect(app, wire);
    for (const client of [slow, neighbour]) client.write(subscribeFrame(wire, '1'));
    await subscribed(app, 2);
    const numbered = (n: number): string => `${n} `.repeat(4_000);
    slow.pause();

    let sent = 0;
    while (app.graphqlWs.stats().bytes < 300_000) {
      await broadcast(numbered(sent));
      expect(textOf(await neighbour.next())).toBe(numbered(sent));
      sent += 1;
    }
    void slow.read(Number.POSITIVE_INFINITY);

    for (let n = 0; n < sent; n += 1) {
      expect(textOf(await slow.next())).toBe(numbered(n));
    }
  });

  test('keep their place between pongs', async () => {
    fastPaths.directWrites = true;
    const { app, broadcast } = await startTexts(wire);
    const client = await RawClient.connect(app, wire);
    client.write(subscribeFrame(wire, '1'));
    await subscribed(app, 1);

    const story: unknown[] = [];
    for (let n = 0; n < 50; n += 1) {
      await broadcast(`before ${n}`);
      client.write(rawFrame(Opcode.PING, `${n}`));
      story.push(textOf(await client.next()), (await client.next()).opcode);
      await broadcast(`after ${n}`);
      story.push(textOf(await client.next()));
    }

    const expected = Array.from({ length: 50 }, (_, n) => [
      `before ${n}`,
      Opcode.PONG,
      `after ${n}`,
    ]);
    expect(story).toEqual(expected.flat());
  });

  test('come while a client is in the middle of a fragmented message', async () => {
    fastPaths.directWrites = true;
    const { app, broadcast } = await startTexts(wire);
    const client = await RawClient.connect(app, wire);
    client.write(subscribeFrame(wire, '1'));
    await subscribed(app, 1);
    const second = subscribeFrame(wire, '2').subarray(6);
    const half = Math.floor(second.length / 2);
    const fragment = (opcode: number, isLast: boolean, part: Buffer): Buffer => {
      const bytes = rawFrame(opcode, part);
      if (!isLast) bytes.writeUInt8(opcode, 0);
      return bytes;
    };

    client.write(fragment(Opcode.TEXT, false, second.subarray(0, half)));
    await broadcast('in between');
    client.write(rawFrame(Opcode.PING));
    client.write(fragment(0, true, second.subarray(half)));
    await subscribed(app, 2);
    await broadcast('to both');

    expect(textOf(await client.next())).toBe('in between');
    expect((await client.next()).opcode).toBe(Opcode.PONG);
    expect([textOf(await client.next()), textOf(await client.next())]).toEqual([
      'to both',
      'to both',
    ]);
  });

  test.each(['destroy', 'reset'] as const)(
    'end with a client that goes in the middle of a write (%s), and nobody else loses any',
    async (how) => {
      fastPaths.directWrites = true;
      const { app, broadcast } = await startTexts(wire);
      const leaving = await dial(app);
      leaving.write(upgradeRequest({ protocol }));
      leaving.write(messageFrame({ type: 'connection_init' }));
      leaving.write(subscribeFrame(wire, '1'));
      const staying = await RawClient.connect(app, wire);
      staying.write(subscribeFrame(wire, '1'));
      await subscribed(app, 2);
      leaving.pause();

      let sent = 0;
      const send = async (): Promise<void> => {
        await broadcast(`${sent} `.padEnd(30_000, '.'));
        expect(textOf(await staying.next())).toBe(`${sent} `.padEnd(30_000, '.'));
        sent += 1;
      };
      while (app.graphqlWs.stats().bytes < 300_000) await send();
      if (how === 'destroy') leaving.destroy();
      if (how === 'reset') leaving.resetAndDestroy();
      for (let count = 0; count < 20; count += 1) await send();

      await vi.waitFor(() => expect(app.graphqlWs.stats().operations).toBe(1), { interval: 1 });
      staying.destroy();
      await expectQuiet(app);
    },
  );
});
