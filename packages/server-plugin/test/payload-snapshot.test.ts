import { deepStrictEqual } from 'node:assert/strict';
import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePayload } from '../src/broker/encode-payload.ts';
import { encodeEnvelope } from '../src/broker/envelope.ts';
import type { BroadcastEvent } from '../src/broker/event.ts';
import { createEvent, readEvent } from '../src/broker/event.ts';
import { snapshotPayload } from '../src/broker/snapshot-payload.ts';
import { groupTopic } from '../src/broker/topic.ts';
import { anyPayloads, jsonPayloads } from './support/payloads.ts';

const topic = groupTopic('groupcast', 'onMessage', 'red');

type Way = (payload: unknown) => BroadcastEvent;

const asValue: Way = (payload) => createEvent(topic, undefined, snapshotPayload(payload));

const asText: Way = (payload) => readEvent(topic, encodeEnvelope(encodePayload(payload)));

/** What a subscriber can learn of a value beyond what is in it. */
function nature(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  const parts = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : [];
  return [
    Object.isFrozen(value),
    Object.getPrototypeOf(value),
    Reflect.ownKeys(value),
    [...parts, ...Object.values(value)].map(nature),
  ];
}

/** All that a payload becomes on a way: its values for several subscribers, or why it is refused. */
function outcome(way: Way, payload: unknown): unknown {
  let event: BroadcastEvent;
  try {
    event = way(payload);
  } catch (error) {
    return { code: Reflect.get(Object(error), 'code'), message: String(error) };
  }
  const [first, second] = [event.payload(), event.payload()];
  return { first, second, isShared: Object.is(first, second), nature: nature(first) };
}

function expectNoDifference(payload: unknown): void {
  deepStrictEqual(outcome(asValue, payload), outcome(asText, payload));
}

describe('P8 a payload that stays in its process becomes what it would become on its way to others', () => {
  test('whatever can be carried', () => {
    fc.assert(fc.property(anyPayloads, expectNoDifference), { numRuns: 500 });
  });

  test('plain JSON', () => {
    fc.assert(fc.property(jsonPayloads, expectNoDifference), { numRuns: 500 });
  });

  test('anything else there is', () => {
    const values = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(fc.property(values, expectNoDifference), { numRuns: 500 });
  });

  const cyclic: Record<string, unknown> = {};
  cyclic['again'] = [cyclic];
  const shared = { a: [1] };
  const rawJson: unknown = Reflect.get(JSON, 'rawJSON');
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();

  test.each<[string, unknown]>([
    ['an own key __proto__', JSON.parse('{"a":{"__proto__":{"polluted":1}}}')],
    ['no prototype', { bare: Object.assign(Object.create(null), { a: 1 }) }],
    [
      'a number of any size',
      rawJson instanceof Function ? { id: rawJson('12345678901234567890') } : 1,
    ],
    ['keys that look like indexes', { b: 1, 10: 2, a: 3, 9: 4 }],
    ['symbols as keys', { a: 1, [Symbol('b')]: 2 }],
    ['keys that can’t be enumerated', Object.defineProperty({ a: 1 }, 'b', { value: 2 })],
    ['an array with a key', Object.assign([1, 2], { more: 3 })],
    ['a subclass of Array', new (class extends Array<number> {})(3).fill(1)],
    ['a hole', Object.assign([1], { 2: 3 })],
    [
      'a getter',
      {
        get text() {
          return 'hi';
        },
      },
    ],
    [
      'a getter that throws',
      {
        row: {
          get text(): string {
            throw new Error('no row');
          },
        },
      },
    ],
    ['a proxy', { row: new Proxy({ a: 1 }, {}) }],
    ['a revoked proxy', { row: revoked }],
    ['an own toJSON', { price: { toJSON: (key: string) => `as ${key}` } }],
    ['a toJSON that is no function', { toJSON: 1 }],
    ['the same object twice', [shared, shared]],
    ['a frozen object', Object.freeze({ a: Object.freeze([1]) })],
    ['an object of another realm', runInContext('({ a: [1, { b: 2 }] })', createContext())],
    [
      'an instance of a class',
      {
        row: new (class Row {
          a = 1;
        })(),
      },
    ],
    ['a cycle', cyclic],
    ['lone surrogates', { '\ud800': '\udfff' }],
  ])('with %s', (_name, payload) => {
    expectNoDifference(payload);
  });

  test.each([999, 1_000, 1_001, 5_000])('nested %i deep', (depth) => {
    let array: unknown = 1;
    let object: unknown = 1;
    for (let level = 0; level < depth; level += 1) {
      array = [array];
      object = { a: object };
    }
    for (const payload of [array, object]) {
      const [value, text] = [asValue, asText].map((way) => {
        try {
          return JSON.stringify(way(payload).payload());
        } catch (error) {
          return String(error);
        }
      });
      expect(value).toBe(text);
    }
  });

  test('while somebody has put enumerable properties on Object.prototype', () => {
    const prototype: object = Object.prototype;
    const stray = { value: 1, enumerable: true, configurable: true, writable: true };
    const texts: string[] = [];
    Object.defineProperty(prototype, 'stray', stray);
    try {
      for (const way of [asValue, asText]) texts.push(JSON.stringify(way([{ a: 1 }]).payload()));
    } finally {
      Reflect.deleteProperty(prototype, 'stray');
    }

    expect(texts).toEqual(['[{"a":1}]', '[{"a":1}]']);
  });
});

test('P8 what is done to a payload after it was broadcast changes nothing, and the payload stays as it is', () => {
  const row = { text: 'before', tags: ['a'], author: { name: 'Ann' } };

  const event = asValue(row);
  row.text = 'after';
  row.tags.push('b');
  row.author.name = 'Bob';

  expect(event.payload()).toEqual({ text: 'before', tags: ['a'], author: { name: 'Ann' } });
  expect(Object.isFrozen(row) || Object.isFrozen(row.author)).toBe(false);
});
