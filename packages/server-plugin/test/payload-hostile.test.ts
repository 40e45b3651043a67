import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePayload } from '../src/broker/decode-payload.ts';
import { encodePayload } from '../src/broker/encode-payload.ts';
import { decodeEnvelope, encodeEnvelope } from '../src/broker/envelope.ts';
import { anyPayloads } from './support/payloads.ts';

const unreadable = { code: 'GROUPCAST_ERR_MESSAGE_UNREADABLE' };

function outcomeOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}

describe('an unreadable payload is refused with a code', () => {
  test.each<[string, string]>([
    ['it is not JSON', ''],
    ['it is not JSON', '{"a":'],
    ['it is not JSON', '\u0000\u0001'],
    ['its payload has an unknown tag "$regexp"', '{"$regexp":"(a+)+"}'],
    ['its payload has an unknown tag "$__proto__"', '[[{"$__proto__":{}}]]'],
    [`its payload has an unknown tag "$${'x'.repeat(39)}…"`, `{"$${'x'.repeat(1_000)}":1}`],
    ['its payload has a malformed $undefined', '{"$undefined":1}'],
    ['its payload has a malformed $number', '{"$number":"12"}'],
    ['its payload has a malformed $number', '{"$number":{}}'],
    ['its payload has a malformed $bigint', '{"$bigint":"0x10"}'],
    ['its payload has a malformed $bigint', '{"$bigint":""}'],
    ['its payload has a malformed $date', '{"$date":"yesterday"}'],
    ['its payload has a malformed $date', '{"$date":"2030-13-45T00:00"}'],
    ['its payload has a malformed $date', '{"$date":5}'],
    ['its payload has a malformed $bytes', '{"$bytes":"not base64!"}'],
    ['its payload has a malformed $bytes', '{"$bytes":[1]}'],
    ['its payload has a malformed $map', '{"$map":{}}'],
    ['its payload has a malformed $map', '{"$map":[["a"]]}'],
    ['its payload has a malformed $map', '{"$map":["ab"]}'],
    ['its payload has a malformed $set', '{"$set":"ab"}'],
    ['its payload is nested deeper than 1000', '['.repeat(100_000) + ']'.repeat(100_000)],
    [
      'its payload is nested deeper than 1000',
      `${'{"$set":['.repeat(100_000)}${']}'.repeat(100_000)}`,
    ],
    [
      'its payload is nested deeper than 1000',
      `[{"$date":null},${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}]`,
    ],
  ])('%s', (problem, text) => {
    expect(outcomeOf(() => decodePayload(text))).toMatchObject({
      ...unreadable,
      message: `Cannot read the message: ${problem}`,
    });
  });
});

test('a broken payload is read or refused with a code, and pollutes nothing', () => {
  const broken = fc
    .tuple(anyPayloads, fc.nat(), fc.constantFrom('', '"', '{', ']', '$', '1', '__proto__', ':'))
    .map(([value, position, inserted]) => {
      const text = encodePayload(value);
      const cut = position % (text.length + 1);
      return `${text.slice(0, cut)}${inserted}${text.slice(cut + 1)}`;
    });

  fc.assert(
    fc.property(fc.oneof(broken, fc.string(), fc.json()), (text) => {
      const outcome = outcomeOf(() => decodePayload(text));
      if (outcome instanceof Error) expect(outcome).toMatchObject(unreadable);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

describe('an unreadable envelope is refused with a code', () => {
  test.each([
    '',
    'PING',
    'null',
    '1',
    '"text"',
    '[]',
    '{}',
    '{"v":1}',
    '{"payload":1}',
    '{"v":2,"payload":1}',
    '{"v":"1","payload":1}',
    '{"v":1,"__proto__":{"payload":1}}',
    '['.repeat(100_000),
  ])('%.40s', (text) => {
    expect(outcomeOf(() => decodeEnvelope(text))).toMatchObject(unreadable);
  });
});

test('an envelope is one JSON text, and later versions may add keys to it', () => {
  expect(encodeEnvelope(encodePayload({ text: 'hi' }))).toBe('{"v":1,"payload":{"text":"hi"}}');
  expect(decodeEnvelope('{"seq":7, "payload": {"text":"hi"}, "v": 1}')).toEqual({
    payload: { text: 'hi' },
  });
});
