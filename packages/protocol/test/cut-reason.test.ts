import { cutReason } from '@groupcast/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Strings with every kind of UTF-16 unit, long enough to be cut. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.integer({ min: 0xd700, max: 0xe0ff }), { maxLength: 200 })
    .map((units) => String.fromCharCode(...units)),
);

test('T36 a text of 123 bytes is kept whole', () => {
  const text = 'a'.repeat(123);

  expect(cutReason(text)).toBe(text);
  expect(cutReason(`${text}b`)).toBe(text);
});

test('T36 a hundred Cyrillic letters are cut to 61', () => {
  expect(cutReason('ж'.repeat(100))).toBe('ж'.repeat(61));
});

test('T36 a character that does not fit is left out whole', () => {
  expect(cutReason(`${'a'.repeat(120)}🐈`)).toBe('a'.repeat(120));
  expect(cutReason(`${'a'.repeat(119)}🐈`)).toBe(`${'a'.repeat(119)}🐈`);
});

test('T36 a lone surrogate becomes U+FFFD and counts three bytes', () => {
  expect(cutReason('a\uD83Db\uDC08')).toBe('a\uFFFDb\uFFFD');
  expect(cutReason('\uDC08'.repeat(50))).toBe('\uFFFD'.repeat(41));
});

test('T36 whatever the text, the reason is the longest beginning that fits', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      // Encoding and decoding replaces lone surrogates as the wire would.
      const whole = Buffer.from(text, 'utf8').toString('utf8');

      const reason = cutReason(text);

      expect(byteLength(reason)).toBeLessThanOrEqual(123);
      expect(whole.startsWith(reason)).toBe(true);
      const [next] = whole.slice(reason.length);
      if (next !== undefined) expect(byteLength(reason + next)).toBeGreaterThan(123);
    }),
    { numRuns: 500 },
  );
});
