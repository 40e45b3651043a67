import fc from 'fast-check';
import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { operationKind } from '../src/operation-kind.ts';
import { printDocument } from '../src/print.ts';
import { executableDocument } from './arbitrary-documents.ts';

describe('the kind of an operation is the word that it begins with', () => {
  test.each([
    ['{ hello }', undefined, 'query'],
    ['query { hello }', undefined, 'query'],
    ['mutation { hello }', undefined, 'mutation'],
    ['subscription OnHello { hello }', undefined, 'subscription'],
    ['  # mutation\n\uFEFF ,, subscription { hello }', undefined, 'subscription'],
    [
      'fragment mutation on Query { hello } subscription { ...mutation }',
      undefined,
      'subscription',
    ],
    ['query ($subscription: Int = 1) @mutation(a: "}{") { hello }', undefined, 'query'],
    ['mutation ($a: In = { subscription: { b: 1 } }) { hello }', undefined, 'mutation'],
    ['"""mutation""" query { hello }', undefined, 'query'],
    ['query A { hello(text: "mutation B {") } subscription B { hello }', 'B', 'subscription'],
    ['query A { B: hello } mutation B { hello }', 'B', 'mutation'],
    ['fragment B on Query { hello } query A { hello }', 'A', 'query'],
    ['query A { a(text: """ { \\""" mutation B """) } subscription B { b }', 'B', 'subscription'],
    ['subscription A { a } mutation subscription { b }', 'subscription', 'mutation'],
    ['# a\u2028subscription {\nmutation { a }', undefined, 'mutation'],
    ['query A { hello }', 'B', undefined],
    ['', undefined, undefined],
  ])('%j, named %j: %s', (text, name, kind) => {
    expect(operationKind(text, name)).toBe(kind);
  });
});

test('it is what a parser says, for any document', () => {
  fc.assert(
    fc.property(executableDocument, (document) => {
      const text = printDocument(document);
      const seen = new Set<string>();
      for (const definition of parse(text).definitions) {
        if (definition.kind !== 'OperationDefinition' || !definition.name) continue;
        const { value } = definition.name;
        // The first of a name counts.
        if (!seen.has(value)) expect(operationKind(text, value)).toBe(definition.operation);
        seen.add(value);
      }
    }),
  );
});
