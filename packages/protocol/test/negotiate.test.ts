import { LEGACY, MODERN, negotiate, SUBPROTOCOLS } from '@groupcast/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const otherName = fc
  .oneof(fc.string(), fc.constantFrom('GraphQL-WS', 'graphql-ws ', 'graphql', 'mqtt', '__proto__'))
  .filter((name) => name !== MODERN && name !== LEGACY);

/** An offer that holds the given names somewhere among others. */
const offerWith = (...names: string[]): fc.Arbitrary<string[]> =>
  fc
    .array(otherName, { maxLength: 5 })
    .chain((others) =>
      fc.shuffledSubarray([...others, ...names], { minLength: others.length + names.length }),
    );

test('both names are the strings of the wire, the preferred one first', () => {
  expect(SUBPROTOCOLS).toEqual(['graphql-transport-ws', 'graphql-ws']);
});

test('N1 an offer with the modern subprotocol is modern, wherever it stands', () => {
  fc.assert(
    fc.property(fc.oneof(offerWith(MODERN), offerWith(MODERN, LEGACY)), (offered) => {
      expect(negotiate(offered)).toBe(MODERN);
    }),
  );
});

test('N2 an offer with the legacy subprotocol alone is legacy', () => {
  fc.assert(
    fc.property(offerWith(LEGACY), (offered) => {
      expect(negotiate(offered)).toBe(LEGACY);
    }),
  );
});

test('N3 an offer with neither, or none, chooses nothing', () => {
  fc.assert(
    fc.property(offerWith(), (offered) => {
      expect(negotiate(offered)).toBeUndefined();
    }),
  );
});

test('N1 an offer may be any iterable', () => {
  expect(negotiate(new Set([LEGACY, MODERN]))).toBe(MODERN);
});
