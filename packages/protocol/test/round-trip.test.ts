// Not the matcher of the same name: that one takes a key called `constructor` for a class.
import { deepStrictEqual } from 'node:assert/strict';
import {
  legacyClientCodec,
  legacyServerCodec,
  modernClientCodec,
  modernServerCodec,
} from '@groupcast/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  legacyClientMessage,
  legacyId,
  legacyServerMessage,
  modernClientMessage,
  modernId,
  modernServerMessage,
  resultJson,
} from './arbitrary-messages.ts';

test('a modern server reads every message that a modern client writes', () => {
  fc.assert(
    fc.property(modernClientMessage, (message) => {
      deepStrictEqual(modernServerCodec.decode(modernClientCodec.encode(message)), message);
    }),
    { numRuns: 300 },
  );
});

test('a modern client reads every message that a modern server writes', () => {
  fc.assert(
    fc.property(modernServerMessage, (message) => {
      deepStrictEqual(modernClientCodec.decode(modernServerCodec.encode(message)), message);
    }),
    { numRuns: 300 },
  );
});

test('a legacy server reads every message that a legacy client writes', () => {
  fc.assert(
    fc.property(legacyClientMessage, (message) => {
      deepStrictEqual(legacyServerCodec.decode(legacyClientCodec.encode(message)), message);
    }),
    { numRuns: 300 },
  );
});

test('a legacy client reads every message that a legacy server writes', () => {
  fc.assert(
    fc.property(legacyServerMessage, (message) => {
      deepStrictEqual(legacyClientCodec.decode(legacyServerCodec.encode(message)), message);
    }),
    { numRuns: 300 },
  );
});

test('a modern result that is JSON already gives the bytes of the encoded message', () => {
  fc.assert(
    fc.property(modernId, resultJson, (id, json) => {
      const payload = JSON.parse(json);
      expect(modernServerCodec.encodeNext(id, json)).toBe(
        modernServerCodec.encode({ type: 'next', id, payload }),
      );
    }),
    { numRuns: 300 },
  );
});

test('a legacy result that is JSON already gives the bytes of the encoded message', () => {
  fc.assert(
    fc.property(legacyId, resultJson, (id, json) => {
      const payload = JSON.parse(json);
      expect(legacyServerCodec.encodeNext(id, json)).toBe(
        legacyServerCodec.encode({ type: 'next', id, payload }),
      );
    }),
    { numRuns: 300 },
  );
});

test('the frames of one result differ in the head that holds the id only', () => {
  const json = '{"data":{"a":1}}';

  expect(modernServerCodec.encodeNext('1', json)).toBe(
    `{"id":"1","type":"next","payload":${json}}`,
  );
  expect(legacyServerCodec.encodeNext(7, json)).toBe(`{"id":7,"type":"data","payload":${json}}`);
});

test('L14 a legacy error carries the first error only', () => {
  const payload = [{ message: 'no' }, { message: 'nor' }];

  expect(legacyServerCodec.encode({ type: 'error', id: '1', payload })).toBe(
    '{"id":"1","type":"error","payload":{"message":"no"}}',
  );
});
