import { messageFrame, rawFrame } from './raw-client.ts';

/** Numbers of at least 0 and below 1. */
export type Random = () => number;

/** Numbers from a seed, so that a run can be repeated (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function pick<T>(random: Random, from: readonly [T, ...T[]]): T {
  return from[below(random, from.length)] ?? from[0];
}

function bytes(random: Random, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => below(random, 256)));
}

const TYPES: readonly [unknown, ...unknown[]] = [
  'connection_init',
  'subscribe',
  'subscribe',
  'start',
  'start',
  'complete',
  'stop',
  'ping',
  'pong',
  'next',
  'error',
  'connection_ack',
  'connection_terminate',
  'ka',
  'nonsense',
  '__proto__',
  7,
  null,
];

const IDS: readonly [unknown, ...unknown[]] = [
  undefined,
  null,
  '',
  '1',
  '2',
  1,
  2,
  -0.5,
  1e300,
  true,
  ['1'],
  { id: '1' },
  '__proto__',
  'constructor',
  'toString',
  '\ud800',
  'x'.repeat(5_000),
];

/** Payloads of which some can be executed, against a schema with `hello`, `ticks` and `onMessage`. */
const PAYLOADS: readonly [unknown, ...unknown[]] = [
  undefined,
  null,
  0,
  '',
  'x',
  true,
  [],
  {},
  [[[]]],
  { toJSON: 1 },
  { query: null },
  { query: '' },
  { query: '{' },
  { query: '{ nothing }' },
  { query: '{ hello }' },
  { query: 'query A { hello } query B { hello }', operationName: 'C' },
  { query: '{ hello }', variables: [] },
  { query: 'query ($n: Int!) { hello(n: $n) }', variables: { n: {} } },
  { query: '{ hello(n: 99999999999) }' },
  { query: '{ hello }', extensions: 'x' },
  { query: '{ __typename }', extensions: { groupcast: { v: 1, confirm: 'x' } } },
  { query: 'subscription { onMessage { text } }', extensions: { groupcast: null } },
  { query: 'subscription { onMessage { text } }' },
  { query: 'subscription { onMessage { text } ticks }' },
  { query: 'subscription { ticks }', variables: { __proto__: null } },
  { query: `{ ${'hello '.repeat(500)} }` },
  { query: `${'{ a '.repeat(800)}` },
  { query: { kind: 'Document', definitions: [] } },
  { query: { kind: 'Document', definitions: [{ kind: 'Nonsense' }] } },
  { query: { kind: 'Document', definitions: { length: -1 } } },
];

const TEXTS: readonly [string, ...string[]] = [
  '',
  '{',
  '[]',
  'null',
  '"x"',
  '7',
  '{"type":',
  '{"type":"ping","type":"pong"}',
  '{"__proto__":{"type":"ping"}}',
  '['.repeat(5_000),
  `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  `{"type":"ping","payload":${'{"a":'.repeat(2_000)}0${'}'.repeat(2_000)}}`,
  `{"id":"1","type":"subscribe","payload":${'['.repeat(3_000)}${']'.repeat(3_000)}}`,
];

/** A frame that a WebSocket may carry, with a message that mostly makes no sense. */
export function malformedMessage(random: Random): Buffer {
  const kind = random();
  if (kind < 0.75) {
    return messageFrame({
      type: pick(random, TYPES),
      id: pick(random, IDS),
      payload: pick(random, PAYLOADS),
    });
  }
  if (kind < 0.88) {
    const text = JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ hello }' } });
    const at = below(random, text.length);
    return rawFrame(
      1,
      text.slice(0, at) + String.fromCharCode(below(random, 200)) + text.slice(at + 1),
    );
  }
  return rawFrame(1, pick(random, TEXTS));
}

/** The head of a client's frame, masked with zeros, that announces so many bytes. */
function headOf(first: number, length: bigint): Buffer {
  const head = Buffer.alloc(14);
  head.writeUInt8(first, 0);
  head.writeUInt8(0x80 | 127, 1);
  head.writeBigUInt64BE(length, 2);
  return head;
}

const BREAKERS: readonly [(random: Random) => Buffer, ...((random: Random) => Buffer)[]] = [
  // No frame at all.
  (random) => bytes(random, 1 + below(random, 40)),
  // Opcodes that are reserved, continue nothing, or end the connection with a code of nobody.
  (random) => rawFrame(pick(random, [0, 3, 4, 7, 11, 15]), 'xx'),
  (random) => rawFrame(8, pick(random, ['x', '\x03\xe8', '\x00\x00', '\xff\xff', 'x'.repeat(125)])),
  // Control frames that are too long, or in fragments.
  (random) => rawFrame(pick(random, [8, 9, 10]), 'x'.repeat(126)),
  (random) => Buffer.from([pick(random, [0x08, 0x09, 0x0a]), 0x80, 0, 0, 0, 0]),
  // Bits that nobody has agreed on.
  (random) => Buffer.from([0x81 | pick(random, [0x10, 0x20, 0x40]), 0x80, 0, 0, 0, 0]),
  // Not masked, or masked so that it reads otherwise.
  () => Buffer.from([0x81, 2, 0x7b, 0x7d]),
  (random) => {
    const frame = malformedMessage(random);
    bytes(random, 4).copy(frame, 2);
    return frame;
  },
  // Text that is no UTF-8.
  (random) => rawFrame(1, Buffer.from(pick(random, ['c328', 'ff', 'eda080', 'f09f']), 'hex')),
  // Binary, pings and pongs, which are allowed.
  (random) => rawFrame(pick(random, [2, 9, 10]), bytes(random, below(random, 100))),
  // Lengths that are too long, negative, or larger than any number.
  (random) => headOf(0x81, pick(random, [20_001n, 1n << 31n, 1n << 53n, (1n << 64n) - 1n])),
  (random) => rawFrame(1, 'x'.repeat(20_001 + below(random, 100))),
  // Fragments: without an end, interleaved, and with a start in between.
  () =>
    Buffer.from([
      0x01, 0x81, 0, 0, 0, 0, 0x7b, 0x89, 0x80, 0, 0, 0, 0, 0x80, 0x81, 0, 0, 0, 0, 0x7d,
    ]),
  () => Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x7b, 0x81, 0x81, 0, 0, 0, 0, 0x7d]),
  () =>
    Buffer.concat(
      Array.from({ length: 50 }, (_, n) => Buffer.from([n === 0 ? 0x01 : 0x00, 0x80, 0, 0, 0, 0])),
    ),
  // A frame of which a part is missing or wrong.
  (random) => {
    const frame = malformedMessage(random);
    return frame.subarray(0, below(random, frame.length));
  },
  (random) => {
    const frame = malformedMessage(random);
    frame.writeUInt8(below(random, 256), below(random, Math.min(6, frame.length)));
    return frame;
  },
];

/** Bytes that break the WebSocket protocol, or come close to it. */
export function malformedFrame(random: Random): Buffer {
  return pick(random, BREAKERS)(random);
}
