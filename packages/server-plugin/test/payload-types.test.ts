import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePayload } from '../src/broker/decode-payload.ts';
import { encodePayload } from '../src/broker/encode-payload.ts';
import { anyPayloads, jsonPayloads } from './support/payloads.ts';

function carried(value: unknown): unknown {
  return decodePayload(encodePayload(value)).value;
}

test.each<[string, unknown, string]>([
  ['undefined', undefined, '{"$undefined":true}'],
  ['undefined in an object', { a: undefined }, '{"a":{"$undefined":true}}'],
  ['undefined in an array', [1, undefined], '[1,{"$undefined":true}]'],
  ['null', null, 'null'],
  ['NaN', Number.NaN, '{"$number":"NaN"}'],
  ['Infinity', Infinity, '{"$number":"Infinity"}'],
  ['-Infinity', -Infinity, '{"$number":"-Infinity"}'],
  ['-0', -0, '{"$number":"-0"}'],
  ['a BigInt', -12n, '{"$bigint":"-12"}'],
  ['a Date', new Date(0), '{"$date":"1970-01-01T00:00:00.000Z"}'],
  ['a Date far away', new Date(8.64e15), '{"$date":"+275760-09-13T00:00:00.000Z"}'],
  ['an invalid Date', new Date(Number.NaN), '{"$date":null}'],
  [
    'a Map',
    new Map<unknown, unknown>([
      ['a', 1],
      [{}, []],
    ]),
    '{"$map":[["a",1],[{},[]]]}',
  ],
  ['a Set', new Set([1, 'a', null]), '{"$set":[1,"a",null]}'],
  ['bytes', new Uint8Array([1, 2, 255]), '{"$bytes":"AQL/"}'],
  ['no bytes', new Uint8Array(), '{"$bytes":""}'],
  ['a lone surrogate', '\ud800', '"\\ud800"'],
])('P8 %s survives', (_name, value, text) => {
  expect(encodePayload(value)).toBe(text);
  expect(carried(value)).toStrictEqual(value);
});

test('P8 whatever is made of what can be carried survives', () => {
  fc.assert(
    fc.property(anyPayloads, (value) => {
      // Not Vitest's, which takes a key named constructor for the constructor.
      deepStrictEqual(carried(value), value);
    }),
    { numRuns: 500 },
  );
});

test('plain JSON is written as JSON.stringify does, unless it looks like a tag', () => {
  fc.assert(
    fc.property(jsonPayloads, (value) => {
      const plainText = JSON.stringify(value);
      const text = encodePayload(value);
      if (!plainText.includes('"$')) expect(text).toBe(plainText);
      deepStrictEqual(carried(value), JSON.parse(plainText));
    }),
    { numRuns: 300 },
  );
});

test.each<[string, unknown, string]>([
  ['like a Date', { $date: 1 }, '{"$$date":1}'],
  ['like an escaped tag', { $$map: [] }, '{"$$$map":[]}'],
  ['like no tag that exists', { $: null }, '{"$$":null}'],
  ['like a tag, deep inside', [{ a: { $undefined: true } }], '[{"a":{"$$undefined":true}}]'],
  ['like a tag with a tag', { $set: new Set([{ $set: 1 }]) }, '{"$$set":{"$set":[{"$$set":1}]}}'],
  ['nearly like a tag', { $date: 1, $set: 2 }, '{"$date":1,"$set":2}'],
])('P8 data that looks %s stays what it is', (_name, value, text) => {
  expect(encodePayload(value)).toBe(text);
  expect(carried(value)).toStrictEqual(value);
});

test('P8 an own key __proto__ survives and changes no prototype', () => {
  const plain: unknown = JSON.parse('{"__proto__":{"polluted":1},"a":[{"__proto__":null}]}');
  const mixed: unknown[] = [plain, new Date(0)];

  for (const value of [carried(plain), (carried(mixed) as unknown[])[0]]) {
    expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).toEqual({ polluted: 1 });
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  }
  expect(carried(plain)).toStrictEqual(plain);
  expect('polluted' in {}).toBe(false);
});

test('objects without a prototype are carried as ordinary ones', () => {
  const bare: unknown = Object.assign(Object.create(null), { a: 1, at: new Date(0) });

  expect(carried({ bare })).toStrictEqual({ bare: { a: 1, at: new Date(0) } });
});

test('P8 a Buffer arrives as a Uint8Array with memory of its own', () => {
  const bytes = carried(Buffer.from('hi'));

  expect(bytes).toStrictEqual(new Uint8Array([104, 105]));
  expect((bytes as Uint8Array).buffer.byteLength).toBe(2);
});

test('a subclass of a carried class arrives as that class', () => {
  class Timestamp extends Date {
    override toISOString(): string {
      return 'soon';
    }
  }

  expect(carried(new Timestamp(5))).toStrictEqual(new Date(5));
});

test('P8 toJSON is honoured with the key, wherever it is', () => {
  class Money {
    toJSON(key: string): string {
      return `5 EUR as "${key}"`;
    }
  }
  const own = { toJSON: () => ({ at: new Date(0) }) };

  expect(carried(new Money())).toBe('5 EUR as ""');
  expect(carried({ price: new Money(), list: [new Money()], own })).toStrictEqual({
    price: '5 EUR as "price"',
    list: ['5 EUR as "0"'],
    own: { at: new Date(0) },
  });
  expect(carried(new URL('http://a.example/'))).toBe('http://a.example/');
});

test('what toJSON returns is not asked for a toJSON of its own', () => {
  class Itself {
    readonly a = 1;
    toJSON(): this {
      return this;
    }
  }

  expect(carried([new Itself()])).toStrictEqual([{ a: 1 }]);
  expect(carried({ toJSON: () => new Map([[1, 2]]) })).toStrictEqual(new Map([[1, 2]]));
  expect(carried({ toJSON: () => undefined })).toBe(undefined);
});

test('something that occurs twice is carried twice', () => {
  const shared = { at: new Date(0) };

  const [first, second] = carried([shared, shared]) as [object, object];

  expect(first).toStrictEqual(shared);
  expect(second).toStrictEqual(shared);
  expect(second).not.toBe(first);
});

test('holes of an array become undefined', () => {
  const holey = [1];
  holey[2] = 3;

  expect(carried(holey)).toStrictEqual([1, undefined, 3]);
});

test('enumerable properties that somebody put on Object.prototype do no harm', () => {
  const prototype: object = Object.prototype;
  const value = [{ $date: 1 }, { a: new Date(0) }, {}];
  Object.defineProperty(prototype, 'stray', {
    value: () => {},
    enumerable: true,
    configurable: true,
    writable: true,
  });
  try {
    const decoded = carried(value) as object[];

    expect(decoded.map((item) => Object.keys(item))).toEqual([['$date'], ['a'], []]);
    expect(Object.values(decoded[1] ?? {})).toEqual([new Date(0)]);
  } finally {
    Reflect.deleteProperty(prototype, 'stray');
  }
});

test('the deepest payload that can be written can be read', () => {
  let value: unknown;
  let plain: unknown = 1;
  for (let depth = 0; depth < 250; depth += 1) {
    value = new Map([[[value], new Set([{ $date: value }])]]);
    value = [...(value as Map<unknown, Set<unknown>>).values()];
  }
  for (let depth = 0; depth < 1_000; depth += 1) plain = depth % 2 === 0 ? [plain] : { plain };
  let withTag: unknown = new Date(0);
  for (let depth = 0; depth < 1_000; depth += 1) withTag = [withTag];

  expect(JSON.stringify(carried(plain))).toBe(JSON.stringify(plain));
  expect(encodePayload(carried(withTag))).toBe(encodePayload(withTag));
  expect(encodePayload(carried(value))).toBe(encodePayload(value));
});
