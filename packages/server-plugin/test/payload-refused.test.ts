import { createServer } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePayload } from '../src/broker/encode-payload.ts';

class Parent {
  readonly name: string = 'a';
}

const cyclic: { list: unknown[] } = { list: [] };
cyclic.list.push({ back: cyclic });

const cyclicMap = new Map<unknown, unknown>();
cyclicMap.set('self', new Set([cyclicMap]));

const cyclicAnswer: { toJSON: () => unknown } = { toJSON: () => ({ again: cyclicAnswer }) };

function nest(depth: number): unknown {
  let value: unknown = null;
  for (let level = 0; level < depth; level += 1) value = { next: value };
  return value;
}

function refusalOf(value: unknown): unknown {
  try {
    return encodePayload(value);
  } catch (error) {
    return error;
  }
}

describe('P8 what can’t be carried is refused with its path', () => {
  test.each<[string, unknown]>([
    ['payload.author.socket is a Socket instance', { author: { socket: new Socket() } }],
    ['payload is a Server instance', createServer()],
    ['payload[1] is a Parent instance', [1, new Parent()]],
    ['payload is an Error instance', new Error('a')],
    ['payload is a RegExp instance', /a/],
    ['payload is a String instance', new String('a')],
    ['payload is a WeakMap instance', new WeakMap()],
    ['payload is a Float64Array instance', new Float64Array(1)],
    ['payload is a class instance', new (class {})()],
    ['payload is an Object instance', Object.create({ inherited: 1 })],
    ['payload.render is a function', { render: () => 1 }],
    ['payload.Parent is a function', { Parent }],
    ['payload["full name"][0] is a symbol', { 'full name': [Symbol('a')] }],
    ['payload.message is a Promise (did you forget await?)', { message: Promise.resolve(1) }],
    [
      'payload is a Query instance (did you forget await?)',
      new (class Query {
        // biome-ignore lint/suspicious/noThenProperty: query builders have one
        then(): void {}
      })(),
    ],
    [
      'payload.byId.values[1] is a symbol',
      {
        byId: new Map<string, unknown>([
          ['a', 1],
          ['b', Symbol()],
        ]),
      },
    ],
    ['payload.keys[0].a is a function', new Map([[{ a: () => 1 }, 1]])],
    ['payload.values[1] is a function', new Set([1, () => 1])],
    ['payload.list[0].back contains itself', cyclic],
    ['payload.values[0].values[0] contains itself', cyclicMap],
    ['payload.again contains itself', cyclicAnswer],
    ['payload.late has a toJSON that returns a Promise', { late: { toJSON: async () => 1 } }],
    [`payload${'.next'.repeat(12)}… is nested deeper than 1000`, nest(1_001)],
    [`payload["${'x'.repeat(40)}…"] is a symbol`, { ['x'.repeat(1_000)]: Symbol() }],
  ])('%s', (sentence, value) => {
    expect(refusalOf(value)).toMatchObject({
      code: 'GROUPCAST_ERR_PAYLOAD_INVALID',
      message: `Cannot broadcast: ${sentence}`,
    });
  });
});

test('P8 what throws while it is read is refused with its path and cause', () => {
  const cause = new Error('no row');
  const lazy = {
    row: {
      get title(): string {
        throw cause;
      },
    },
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();

  expect(refusalOf(lazy)).toMatchObject({
    code: 'GROUPCAST_ERR_PAYLOAD_INVALID',
    message: 'Cannot broadcast: payload.row could not be read (no row)',
    cause,
  });
  expect(refusalOf({ proxy })).toMatchObject({ code: 'GROUPCAST_ERR_PAYLOAD_INVALID' });
  expect(
    refusalOf({
      toJSON: () => {
        throw 'text';
      },
    }),
  ).toMatchObject({ code: 'GROUPCAST_ERR_PAYLOAD_INVALID', cause: 'text' });
});

test('any value is carried or refused with a code', () => {
  const values = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  });

  fc.assert(
    fc.property(values, (value) => {
      const outcome = refusalOf(value);
      if (typeof outcome !== 'string') {
        expect(outcome).toMatchObject({ code: 'GROUPCAST_ERR_PAYLOAD_INVALID' });
      }
    }),
    { numRuns: 300 },
  );
});
