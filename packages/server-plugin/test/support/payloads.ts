import fc from 'fast-check';

const oddKeys = ['__proto__', 'constructor', 'toString', '$', '$$', '$date', '$map', '$$undefined'];

const keys = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 5 }) },
  { weight: 2, arbitrary: fc.constantFrom(...oddKeys, 'length', 'v', '') },
);

const strings = fc.string({ unit: 'binary', maxLength: 10 });

const jsonLeaves: fc.Arbitrary<unknown>[] = [
  strings,
  fc.constantFrom(...oddKeys),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
];

const otherLeaves: fc.Arbitrary<unknown>[] = [
  fc.constantFrom(undefined, Number.NaN, Infinity, -Infinity, -0),
  fc.bigInt(),
  // Invalid dates are left out: deepStrictEqual does not take two of them for equal.
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 20 }),
];

/** An object with these entries as its own properties, whatever their names. */
function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return object;
}

function nested(
  leaves: fc.Arbitrary<unknown>[],
  extra: (value: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>[],
): fc.Arbitrary<unknown> {
  const { value } = fc.letrec((tie) => {
    const child = tie('value');
    const entries = fc.array(fc.tuple(keys, child), { maxLength: 4 });
    return {
      value: fc.oneof(
        { maxDepth: 5, depthSize: 'small' },
        ...leaves,
        fc.array(child, { maxLength: 4 }),
        entries.map(objectOf),
        ...extra(child),
      ),
    };
  });
  return value ?? fc.constant(null);
}

/** Payloads of JSON values only; objects that look like tags, and keys like `__proto__`, among them. */
export const jsonPayloads: fc.Arbitrary<unknown> = nested(jsonLeaves, () => []);

/** Payloads of everything that the codec carries, except invalid dates. */
export const anyPayloads: fc.Arbitrary<unknown> = nested(
  [...jsonLeaves, ...otherLeaves],
  (child) => [
    fc.array(fc.tuple(child, child), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(child, { maxLength: 3 }).map((values) => new Set(values)),
  ],
);
