import { gql } from '@apollo/client';
import { printDocument } from '@groupcast/client/print';
import fc from 'fast-check';
import { parse as parseAsTada } from 'gql.tada';
import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { executableDocument } from './arbitrary-documents.ts';
import * as madeByCodegen from './documents/generated/node/graphql.ts';
import * as persistedByCodegen from './documents/generated/persisted-node/graphql.ts';
import * as madeByTada from './documents/tada.ts';

function parsed(text: string): ReturnType<typeof parse> {
  return parse(text, { noLocation: true });
}

/** Without the fields and lists that say nothing: some tools leave them out. */
function optimized(document: ReturnType<typeof parsed>): ReturnType<typeof parsed> {
  return JSON.parse(
    JSON.stringify(document, (key, value) =>
      key === 'loc' || (Array.isArray(value) && value.length === 0) ? undefined : value,
    ),
  );
}

function stringValue(value: string, block: boolean) {
  const argument = { kind: 'Argument', name: { kind: 'Name', value: 'a' } };
  const selections = [
    {
      kind: 'Field',
      name: { kind: 'Name', value: 'f' },
      arguments: [{ ...argument, value: { kind: 'StringValue', value, block } }],
    },
  ];
  return {
    kind: 'Document' as const,
    definitions: [
      {
        kind: 'OperationDefinition',
        operation: 'query',
        selectionSet: { kind: 'SelectionSet', selections },
      },
    ],
  };
}

describe('the parse of the text equals the document', () => {
  test.each([
    ['an anonymous query', '{ a }', 'query{a}'],
    ['an anonymous subscription', 'subscription { a }', 'subscription{a}'],
    ['a name', 'mutation Send { send }', 'mutation Send{send}'],
    ['several operations', 'query A { a } query B { b }', 'query A{a} query B{b}'],
    [
      'variables of all types',
      'query ($a: Int, $b: [Int!]!, $c: [[ID]]) { a }',
      'query($a:Int $b:[Int!]! $c:[[ID]]){a}',
    ],
    [
      'defaults and directives of variables',
      'query Q($a: Int = 1 @d(b: 2) @e, $c: In = { x: [] }) { a }',
      'query Q($a:Int=1@d(b:2) @e $c:In={x:[]}){a}',
    ],
    ['directives of an operation', 'query @live { a }', 'query@live{a}'],
    [
      'aliases, arguments and nested fields',
      '{ a: b(c: 1, d: $e) @f { g { h } i } }',
      'query{a:b(c:1 d:$e)@f{g{h} i}}',
    ],
    [
      'every kind of value',
      '{ a(i: -1, f: 1.5e3, s: "x", b: true, n: null, e: RED, l: [1, [$v]], o: { p: {} }) }',
      'query{a(i:-1 f:1.5e3 s:"x" b:true n:null e:RED l:[1 [$v]] o:{p:{}})}',
    ],
    [
      'fragments with and without a type',
      '{ ...F @a ... on User @b { c } ... @d { e } ... { f } } fragment F on User @g { h }',
      'query{...F@a ...on User@b{c} ...@d{e} ...{f}} fragment F on User@g{h}',
    ],
    [
      'descriptions',
      '"Of an operation" query Q("Of a variable" $a: Int) { a } """Of a fragment""" fragment F on T { a }',
      '"Of an operation"query Q("Of a variable"$a:Int){a} """\nOf a fragment\n"""fragment F on T{a}',
    ],
    ['keywords as names', '{ query: on(true: on) { null } }', 'query{query:on(true:on){null}}'],
    ['escapes', String.raw`{ a(b: "\"\\\n\u0000\u{1F600}") }`, null],
    ['a block string', '{ a(b: """\n    one\n      two\n\n    """) }', null],
    ['a block string that begins with spaces', '{ a(b: """  one""") }', null],
    ['a block string whose first line is the deepest', '{ a(b: """    one\n  two""") }', null],
    ['a block string that ends in a backslash', '{ a(b: """one\\\n""") }', null],
    ['a block string that ends in a quote', '{ a(b: """one"\n""") }', null],
    ['quotes in a block string', String.raw`{ a(b: """\""" "" \"""""") }`, null],
    ['an empty block string', '{ a(b: """""") }', null],
  ])('%s', (_title, source, text) => {
    const document = parsed(source);

    const printed = printDocument(document);

    expect(parsed(printed)).toEqual(document);
    if (text !== null) expect(printed).toBe(text);
  });

  test('any executable document', () => {
    fc.assert(
      fc.property(executableDocument, (document) => {
        expect(parsed(printDocument(document))).toEqual(document);
      }),
      { numRuns: 1_000 },
    );
  });

  test('variables of fragments', () => {
    const options = { noLocation: true, allowLegacyFragmentVariables: true };
    const document = parse('fragment F($a: Int = 1) on T { a }', options);

    expect(parse(printDocument(document), options)).toEqual(document);
  });
});

describe('every tool that makes documents gives the same text', () => {
  test('empty lists and missing ones are the same', () => {
    fc.assert(
      fc.property(executableDocument, (document) => {
        const full = parsed(printDocument(document));
        expect(printDocument(optimized(full))).toBe(printDocument(full));
      }),
    );
  });

  test('graphql-tag, with what it knows about places', () => {
    const source = 'query Message($id: ID!) { message(id: $id) { text } }';

    expect(printDocument(gql(source))).toBe(printDocument(parsed(source)));
  });

  test('the parser that gql.tada and urql use', () => {
    const source = `
      query Q($a: [Int!]! = [1] @d, $b: In) @e(f: -1.5e3) {
        g: h(i: $a, j: "\\"k\\"\\n", l: """\n  m "n\n    o\n""", p: { q: null, r: true }, s: RED) @t { u }
        ...F @v
        ... on W { x }
        ... @y { z }
      }
      fragment F on T { a }
      mutation { b }
    `;

    expect(printDocument(parseAsTada(source))).toBe(printDocument(parsed(source)));
  });

  test('codegen and gql.tada', () => {
    const pairs = [
      [madeByCodegen.RoomsDocument, madeByTada.Rooms],
      [madeByCodegen.MessageDocument, madeByTada.Message],
      [madeByCodegen.MessagesDocument, madeByTada.Messages],
      [madeByCodegen.SendMessageDocument, madeByTada.SendMessage],
      [madeByCodegen.MessageAddedDocument, madeByTada.MessageAdded],
      [persistedByCodegen.TickDocument, madeByTada.Tick],
      [persistedByCodegen.MoodChangedDocument, madeByTada.MoodChanged],
    ] as const;

    for (const [codegen, tada] of pairs) {
      expect(printDocument(codegen)).toBe(printDocument(tada));
    }
  });
});

describe('strings that no parser gives keep their value', () => {
  test('lone surrogates are escaped, so that they pass through UTF-8', () => {
    const text = String.raw`query{f(a:"\ud83d and \ude00")}`;

    expect(printDocument(stringValue('\ud83d and \ude00', false))).toBe(text);
    expect(printDocument(stringValue('\ud83d and \ude00', true))).toBe(text);
  });

  test('what a block string can not say is written as a plain string', () => {
    for (const value of [
      '\n',
      '\na',
      'a\n',
      'a\n  ',
      ' \na',
      ' ',
      '  a\n  b',
      ' a\n\n b',
      'a\rb',
    ]) {
      const text = printDocument(stringValue(value, true));

      expect(text).toBe(`query{f(a:${JSON.stringify(value)})}`);
      expect(parsed(text)).toMatchObject(stringValue(value, false));
    }
  });

  test('any text marked as a block', () => {
    const text = fc.array(fc.constantFrom(' ', '\t', '\n', '\r', 'a', '"', '\\', '\u2028'));
    fc.assert(
      fc.property(text, (parts) => {
        const value = parts.join('');
        const document = parsed(printDocument(stringValue(value, true)));
        expect(document).toMatchObject({
          definitions: [{ selectionSet: { selections: [{ arguments: [{ value: { value } }] }] } }],
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what is no executable document is refused', () => {
  test('definitions of types', () => {
    expect(() => printDocument(parsed('type Query { a: Int }'))).toThrow(
      new TypeError('Cannot print document with a node of kind "ObjectTypeDefinition"'),
    );
  });

  test('nodes that are missing or no nodes', () => {
    for (const definition of [undefined, null, 1, 'Field', {}, { kind: 'toString' }]) {
      expect(() => printDocument({ kind: 'Document', definitions: [definition] })).toThrow(
        /^Cannot print document with a node of kind "(undefined|toString)"$/,
      );
    }
    expect(() =>
      printDocument({ kind: 'Document', definitions: [{ kind: 'FragmentDefinition' }] }),
    ).toThrow(TypeError);
  });
});
