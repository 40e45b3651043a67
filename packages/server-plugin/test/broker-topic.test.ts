import fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlTopic, fieldTopic, groupTopic } from '../src/broker/topic.ts';

const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\ud800', '\udc00', '\udbff', '😀', '~', 'd', '8', '0', ':') }),
  fc.string({ minLength: 100, maxLength: 300 }),
  fc.constantFrom('', '#', '+', '/', '*', 'constructor', '__proto__', 'g', 'f', ':', 'a:g:b'),
);

test.each([
  [groupTopic('groupcast', 'onMessage', 'kittens'), 'groupcast:g:onMessage:kittens'],
  [groupTopic('groupcast', 'onMessage', ''), 'groupcast:g:onMessage:'],
  [groupTopic('my app', 'onMessage', 'a/#'), 'my~0020app:g:onMessage:a~002f~0023'],
  [groupTopic('groupcast', 'onMessage', '😀'), 'groupcast:g:onMessage:~d83d~de00'],
  [groupTopic('groupcast', 'onMessage', 'a~0023'), 'groupcast:g:onMessage:a~007e0023'],
  [
    groupTopic('groupcast', 'onMessage', 'x'.repeat(128)),
    `groupcast:g:onMessage:${'x'.repeat(128)}`,
  ],
  [
    // printf '#%.0s' $(seq 26) | sed 's/#/~0023/g' | sha256sum
    groupTopic('groupcast', 'onMessage', '#'.repeat(26)),
    'groupcast:g:onMessage:~~3234ad2733ab9fbc6531c3ef47f23bdc65f896a1a757914df9253eecedbc8644',
  ],
  [fieldTopic('groupcast', 'onMessage'), 'groupcast:f:onMessage'],
  [controlTopic('groupcast'), 'groupcast:c'],
  [controlTopic('my app'), 'my~0020app:c'],
])('S4 a topic is namespace, kind, field and group: %s', (topic, text) => {
  expect(topic).toBe(text);
});

test('S4 different namespaces, fields or groups never share a topic', () => {
  const name = fc.tuple(names, names, fc.option(names));
  const topicOf = ([namespace, field, group]: [string, string, string | null]): string =>
    group === null ? fieldTopic(namespace, field) : groupTopic(namespace, field, group);

  fc.assert(
    fc.property(name, name, (one, other) => {
      const areSame = one.every((part, index) => part === other[index]);
      expect(topicOf(one) === topicOf(other)).toBe(areSame);
    }),
    { numRuns: 500 },
  );
});

test('two different lone surrogates are two groups', () => {
  const groups = ['\ud800', '\ud801', '\udc00', '\ufffd', '?'];

  expect(new Set(groups.map((group) => groupTopic('n', 'f', group))).size).toBe(groups.length);
});

test('whatever the names are, a topic is short and holds no wildcard of any broker', () => {
  fc.assert(
    fc.property(names, names, names, (namespace, field, group) => {
      expect(groupTopic(namespace, field, group)).toMatch(/^[A-Za-z0-9_~:-]{4,400}$/);
    }),
    { numRuns: 300 },
  );
  expect(groupTopic('n', 'f', '😀'.repeat(10_000)).length).toBeLessThan(80);
});
