import {
  type LegacyClientMessage,
  type LegacyServerMessage,
  legacyClientCodec,
  legacyServerCodec,
  type ModernClientMessage,
  type ModernServerMessage,
  modernClientCodec,
  modernServerCodec,
} from '@groupcast/protocol';
import { describe, expect, test } from 'vitest';
import { frameText, readFixtures } from './read-fixtures.ts';

interface Writer<Message> {
  encode(message: Message): string;
}

interface Reader {
  decode(frame: unknown): unknown;
}

function proveFrames<Message>(name: string, writer: Writer<Message>, reader: Reader): void {
  const { exchanged, tolerated, violations } = readFixtures<Message>(name);

  describe(`${name}, written and read`, () => {
    test.each(exchanged)('$title', ({ message, ...framed }) => {
      expect(writer.encode(message)).toBe(frameText(framed));
      expect(reader.decode(frameText(framed))).toStrictEqual(message);
    });
  });

  describe(`${name}, read only`, () => {
    test.each(tolerated)('$title', ({ message, ...framed }) => {
      expect(reader.decode(frameText(framed))).toStrictEqual(message);
    });
  });

  describe(`${name}, refused`, () => {
    test.each(violations)('$title', ({ violation, ...framed }) => {
      expect(reader.decode(frameText(framed))).toStrictEqual({
        type: 'violation',
        ...(violation.answer === 'close' && { code: 4400 }),
        ...violation,
      });
    });
  });
}

proveFrames<ModernClientMessage>('modern-client', modernClientCodec, modernServerCodec);
proveFrames<ModernServerMessage>('modern-server', modernServerCodec, modernClientCodec);
proveFrames<LegacyClientMessage>('legacy-client', legacyClientCodec, legacyServerCodec);
proveFrames<LegacyServerMessage>('legacy-server', legacyServerCodec, legacyClientCodec);

describe('what a fixture cannot hold', () => {
  const binary = 'Message must be a text frame, got a binary frame';

  test('T33 a binary frame closes with 4400', () => {
    const close = { type: 'violation', answer: 'close', code: 4400 };

    expect(modernServerCodec.decode(new Uint8Array([123, 125]))).toStrictEqual({
      ...close,
      reason: binary,
    });
    expect(modernClientCodec.decode(new ArrayBuffer(2))).toStrictEqual({
      ...close,
      reason: 'Unreadable message: object',
    });
    expect(legacyClientCodec.decode(Buffer.from('{"type":"ka"}'))).toMatchObject(close);
    expect(legacyClientCodec.decode(undefined)).toMatchObject(close);
  });

  test('L18 a binary frame is told to the connection', () => {
    expect(legacyServerCodec.decode(new Uint8Array([123, 125]))).toStrictEqual({
      type: 'violation',
      answer: 'connection-error',
      reason: binary,
    });
  });

  test('T19 an id of 100 kB is read and written back', () => {
    const id = 'i'.repeat(100_000);
    const message = { type: 'complete', id, wireId: id } as const;

    expect(modernServerCodec.decode(modernClientCodec.encode(message))).toStrictEqual(message);
  });

  test('T19 a __proto__ key inside variables stays data', () => {
    const frame =
      '{"id":"1","type":"subscribe","payload":{"query":"{ a }","variables":{"__proto__":{"admin":true}}}}';

    const message = modernServerCodec.decode(frame);

    if (message.type !== 'subscribe') throw new Error(`read as ${message.type}`);
    const { variables = {} } = message.payload;
    expect(Object.keys(variables)).toEqual(['__proto__']);
    expect(variables['admin']).toBeUndefined();
    expect(Object.getPrototypeOf(variables)).toBe(Object.prototype);
  });

  test('T16 an operation that stands under a __proto__ key is not one', () => {
    const frame = '{"id":"1","type":"subscribe","payload":{"__proto__":{"query":"{ a }"}}}';

    expect(modernServerCodec.decode(frame)).toMatchObject({ type: 'violation', code: 4400 });
  });

  test('a reason repeats the beginning of a long text only, and no half of a character', () => {
    const frame = `${'x'.repeat(39)}🐈${'x'.repeat(1_000)}`;

    expect(modernServerCodec.decode(frame)).toMatchObject({
      reason: `Message must be JSON, got "${'x'.repeat(39)}…"`,
    });
  });

  test('T36 the reason of every violation is cut to 123 bytes', () => {
    const type = '猫'.repeat(100);
    const reason = `Unknown message type "${'猫'.repeat(33)}`;

    expect(modernServerCodec.decode(JSON.stringify({ type }))).toMatchObject({ reason });
    expect(legacyServerCodec.decode(JSON.stringify({ type }))).toMatchObject({ reason });
    expect(legacyServerCodec.decode(JSON.stringify({ type, id: 7 }))).toMatchObject({ reason });
    expect(modernClientCodec.decode(type)).toMatchObject({
      reason: `Unreadable message: ${'猫'.repeat(30)}`,
    });
  });
});
