import { describe, expect, test } from 'vitest';
import { decodePayload } from '../src/broker/decode-payload.ts';
import { encodePayload } from '../src/broker/encode-payload.ts';
import { encodeEnvelope } from '../src/broker/envelope.ts';
import { type BroadcastEvent, readEvent } from '../src/broker/event.ts';
import { groupTopic } from '../src/broker/topic.ts';

const topic = groupTopic('groupcast', 'onMessage', 'red');

function eventOf(payload: unknown): BroadcastEvent {
  return readEvent(topic, encodeEnvelope(encodePayload(payload)));
}

test('P8 plain JSON is decoded once and frozen through and through', () => {
  const event = eventOf({ author: { tags: ['a', { b: 1 }] }, $like: { $date: 1 } });

  const value = event.payload() as { author: { tags: unknown[] }; $like: object };

  expect(event.payload()).toBe(value);
  for (const part of [value, value.author, value.author.tags, value.author.tags[1], value.$like]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
  expect(() => value.author.tags.push('c')).toThrow(TypeError);
});

describe('P8 a payload that holds anything else is decoded for each call', () => {
  test.each<[string, unknown]>([
    ['a Date', { at: new Date(0) }],
    ['a Map', [new Map([[1, { a: 1 }]])]],
    ['a Set', new Set([[1]])],
    ['bytes', { bytes: new Uint8Array([1]) }],
    ['undefined', { a: undefined, list: [1] }],
    ['a BigInt', { id: 1n }],
  ])('%s', (_name, payload) => {
    const event = eventOf(payload);

    const values = [event.payload(), event.payload(), event.payload()];

    expect(new Set(values).size).toBe(3);
    expect(values).toStrictEqual([payload, payload, payload]);
    for (const value of values) expect(Object.isFrozen(value)).toBe(false);
  });

  test('a change of one call’s value is not seen by another', () => {
    const event = eventOf({ at: new Date(0), tags: ['a'] });

    const first = event.payload() as { at: Date; tags: string[] };
    first.at.setTime(5);
    first.tags.push('b');

    expect(event.payload()).toStrictEqual({ at: new Date(0), tags: ['a'] });
  });
});

test('isPlain is true for JSON values only, also when they look like a tag', () => {
  const isPlain = (payload: unknown) => decodePayload(encodePayload(payload)).isPlain;

  expect([1, null, 'a', [], { $date: 1 }, [{ $a: [1] }]].map(isPlain)).not.toContain(false);
  expect([undefined, -0, 1n, new Date(0), { $date: new Date(0) }].map(isPlain)).not.toContain(true);
});
