import { expect, test } from 'vitest';

import { identifyOperation } from '../src/mock-server/identify-operation.ts';

test.each([
  ['query Hello { hello }', 'query', 'Hello'],
  ['{ hello }', 'query', 'hello'],
  ['mutation { sendMessage(text: "{ query No") { text } }', 'mutation', 'sendMessage'],
  [
    'subscription ($room: [String!]! = ["a"]) { heard: onMessage { text } }',
    'subscription',
    'onMessage',
  ],
  [
    'subscription OnMessage($room: String) @live(if: true) { onMessage }',
    'subscription',
    'OnMessage',
  ],
  ['fragment F on Message { text } query After { a { ...F } }', 'query', 'After'],
  ['# query Commented { a }\n"""says { braces }""" query Real { a }', 'query', 'Real'],
  ['{ ...F } fragment F on Query { a }', 'query', ''],
  ['', undefined, ''],
  ['no graphql', undefined, ''],
])('%j is a %s named %j', (query, kind, name) => {
  expect(identifyOperation({ query })).toEqual({ kind, name });
});

test('operationName chooses among several, and is the name where there is no text', () => {
  const query = 'query First { a } mutation Second { b }';

  expect(identifyOperation({ query, operationName: 'Second' })).toEqual({
    kind: 'mutation',
    name: 'Second',
  });
  expect(identifyOperation({ query: '', operationName: 'Stored' })).toEqual({
    kind: undefined,
    name: 'Stored',
  });
});

test('a document that leaves open which operation is meant has a problem', () => {
  const query = 'query First { a } mutation Second { b }';

  expect(identifyOperation({ query })).toEqual({
    kind: 'query',
    name: 'First',
    problem: 'The document has 2 operations, and operationName chooses none',
  });
  expect(identifyOperation({ query, operationName: 'Third' })).toEqual({
    kind: undefined,
    name: 'Third',
    problem: 'The document has no operation "Third"',
  });
});

test('a parsed document is read as its text', () => {
  const field = { kind: 'Field', name: { kind: 'Name', value: 'onText' } };
  const selectionSet = { kind: 'SelectionSet', selections: [field] };
  const definition = { kind: 'OperationDefinition', operation: 'subscription', selectionSet };
  const broken = { kind: 'Document', definitions: [null, { operation: 'subscription' }] } as const;

  expect(identifyOperation({ query: { kind: 'Document', definitions: [definition] } })).toEqual({
    kind: 'subscription',
    name: 'onText',
  });
  expect(identifyOperation({ query: broken })).toEqual({ kind: 'subscription', name: '' });
});
