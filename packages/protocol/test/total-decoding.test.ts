import {
  type ClientMessage,
  legacyClientCodec,
  legacyServerCodec,
  modernClientCodec,
  modernServerCodec,
  type ServerMessage,
  type Violation,
} from '@groupcast/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  legacyClientMessage,
  legacyServerMessage,
  modernClientMessage,
  modernServerMessage,
} from './arbitrary-messages.ts';
import { isMessage, isViolation, shapes } from './checked-message.ts';

type Decoded = ClientMessage | ServerMessage | Violation;

const readers = [
  {
    name: 'the modern server',
    decode: (frame: unknown): Decoded => modernServerCodec.decode(frame),
    sender: shapes.modernClient,
    answers: ['close'],
  },
  {
    name: 'the modern client',
    decode: (frame: unknown): Decoded => modernClientCodec.decode(frame),
    sender: shapes.modernServer,
    answers: ['close'],
  },
  {
    name: 'the legacy server',
    decode: (frame: unknown): Decoded => legacyServerCodec.decode(frame),
    sender: shapes.legacyClient,
    answers: ['operation-error', 'connection-error'],
  },
  {
    name: 'the legacy client',
    decode: (frame: unknown): Decoded => legacyClientCodec.decode(frame),
    sender: shapes.legacyServer,
    answers: ['close'],
  },
];

const validFrame = fc.oneof(
  modernClientMessage.map((message) => modernClientCodec.encode(message)),
  modernServerMessage.map((message) => modernServerCodec.encode(message)),
  legacyClientMessage.map((message) => legacyClientCodec.encode(message)),
  legacyServerMessage.map((message) => legacyServerCodec.encode(message)),
);

const members = [
  ...['type', 'id', 'payload', 'query', 'variables', 'operationName', 'extensions', 'kind'],
  ...['data', 'errors', 'message', 'locations', 'path', 'line', '__proto__', '0'],
];

/** What stands in a member after a mutation; undefined takes the member away. */
const mutant = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 0, -1, 1.5, true, '7', [], {}, [{}], [null]),
  fc.constantFrom('connection_init', 'start', 'stop', 'data', 'ka', 'next', 'subscribe', 'ping'),
  fc.jsonValue({ maxDepth: 1 }),
);

interface Mutation {
  readonly path: readonly string[];
  readonly value: unknown;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  path: fc.array(fc.constantFrom(...members), { minLength: 1, maxLength: 3 }),
  value: mutant,
});

/** A copy of a JSON value in which the member at the end of the path has another value. */
function mutate(target: unknown, { path, value }: Mutation): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof target !== 'object' || target === null) return target;
  const entries = new Map<string, unknown>(Object.entries(target));
  entries.set(key, mutate(entries.get(key), { path: rest, value }));
  return Array.isArray(target) ? [...entries.values()] : Object.fromEntries(entries);
}

const mutatedFrame = fc
  .tuple(validFrame, fc.array(mutation, { minLength: 1, maxLength: 3 }))
  .map(([frame, mutations]) => JSON.stringify(mutations.reduce(mutate, JSON.parse(frame))));

/** A valid frame of which a piece is cut out, or doubled. */
const brokenFrame = fc
  .tuple(validFrame, fc.nat(), fc.nat())
  .map(([frame, a, b]) => frame.slice(0, a % frame.length) + frame.slice(b % frame.length));

describe.each(readers)('whatever comes, $name gets a checked message or a violation', (reader) => {
  const prove = (frames: fc.Arbitrary<unknown>, numRuns: number): void => {
    fc.assert(
      fc.property(frames, (frame) => {
        const decoded = reader.decode(frame);
        expect(decoded).toSatisfy((value: Decoded) =>
          value.type === 'violation'
            ? isViolation(value, reader.answers)
            : isMessage(value, reader.sender),
        );
      }),
      { numRuns },
    );
  };

  test('from any text', () => {
    prove(fc.string({ unit: 'binary', maxLength: 200 }), 300);
  });

  test('from any JSON', () => {
    prove(fc.json(), 300);
  });

  test('from any value that is not a text', () => {
    prove(fc.oneof(fc.anything(), fc.uint8Array()), 200);
  });

  test('from a message of either subprotocol and direction', () => {
    prove(validFrame, 300);
  });

  test('from a message with wrong members', () => {
    prove(mutatedFrame, 500);
  });

  test('from a message that is cut or doubled', () => {
    prove(brokenFrame, 300);
  });

  test('from JSON that is nested 100,000 levels deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const frame = `{"id":"1","type":"subscribe","payload":{"query":"{ a }","variables":{"a":${deep}}}}`;

    for (const text of [deep, frame]) {
      expect(['violation', 'subscribe']).toContain(reader.decode(text).type);
    }
  });

  test('and no prototype is changed by it', () => {
    reader.decode('{"__proto__":{"polluted":1},"type":"connection_init"}');
    reader.decode('{"type":"connection_init","payload":{"__proto__":{"polluted":1}}}');
    reader.decode(
      '{"type":"connection_ack","payload":{"constructor":{"prototype":{"polluted":1}}}}',
    );

    expect('polluted' in Object.prototype).toBe(false);
  });
});
