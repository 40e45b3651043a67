import fc from 'fast-check';
import { parseValue } from 'graphql';

/** A node with all the fields that the parser gives it, so that they can be compared. */
type Node = { readonly kind: string };
type Nodes = fc.Arbitrary<Node>;

function node<const Kind extends string>(
  kind: Kind,
  fields: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<{ readonly kind: Kind }> {
  return fc.record({ kind: fc.constant(kind), ...fields }, { noNullPrototype: true });
}

function few(nodes: Nodes, minLength = 0): fc.Arbitrary<Node[]> {
  return fc.array(nodes, { minLength, maxLength: 2 });
}

function maybe(nodes: Nodes): fc.Arbitrary<Node | undefined> {
  return fc.option(nodes, { nil: undefined });
}

const word = fc.oneof(
  fc.stringMatching(/^[_A-Za-z][_0-9A-Za-z]{0,4}$/),
  fc.constantFrom('query', 'fragment', 'true', 'null', '__typename'),
);
const name = node('Name', { value: fc.oneof(word, fc.constant('on')) });
const fragmentName = node('Name', { value: word.filter((value) => value !== 'on') });

/** Text with all that strings of GraphQL treat in a way of their own. */
const nastyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom('"', '""', '"""', '\\', '\\"""', '\n', '\n\n', '\r', ' ', '  ', '\t'),
        fc.constantFrom('a', '\0', '\b', '\x7f', '\u2028', '\ufeff', '\u{1f600}', '\\u0041', '#'),
      ),
    )
    .map((parts) => parts.join('')),
);

const quoted = node('StringValue', { value: nastyText, block: fc.constant(false) });
/** Only what a parser makes of a block: it drops indentation, and blank lines at the ends. */
const block = nastyText.map(
  (text): Node => parseValue(`"""${text.replaceAll('"""', '\\"""')}\n"""`, { noLocation: true }),
);
const string = fc.oneof(quoted, block);

const constant = fc.oneof(
  string,
  node('IntValue', { value: fc.bigInt().map(String) }),
  node('FloatValue', { value: fc.constantFrom('0.0', '-1.5', '1e3', '6.02E+23', '-0.1e-9') }),
  node('BooleanValue', { value: fc.boolean() }),
  node('NullValue'),
  node('EnumValue', { value: word.filter((value) => !/^(true|false|null)$/.test(value)) }),
);
const variable = node('Variable', { name });

function nested(leaf: Nodes): Nodes {
  const { value } = fc.letrec<{ value: Node }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 2 },
      leaf,
      node('ListValue', { values: few(tie('value')) }),
      node('ObjectValue', { fields: few(node('ObjectField', { name, value: tie('value') })) }),
    ),
  }));
  return value;
}

function directivesOf(value: Nodes): fc.Arbitrary<Node[]> {
  return few(node('Directive', { name, arguments: argumentsOf(value) }));
}

function argumentsOf(value: Nodes): fc.Arbitrary<Node[]> {
  return few(node('Argument', { name, value }));
}

const constValue = nested(constant);
const anyValue = nested(fc.oneof(constant, variable));
const directives = directivesOf(anyValue);

const namedType = node('NamedType', { name });
const { type } = fc.letrec<{ nullable: Node; type: Node }>((tie) => ({
  nullable: fc.oneof({ maxDepth: 2 }, namedType, node('ListType', { type: tie('type') })),
  type: fc.oneof(tie('nullable'), node('NonNullType', { type: tie('nullable') })),
}));

const { selectionSet } = fc.letrec<{ selectionSet: Node; field: Node }>((tie) => ({
  field: node('Field', {
    alias: maybe(name),
    name,
    arguments: argumentsOf(anyValue),
    directives,
    selectionSet: fc.option(tie('selectionSet'), { nil: undefined, maxDepth: 2 }),
  }),
  selectionSet: node('SelectionSet', {
    selections: few(
      fc.oneof(
        { maxDepth: 2 },
        tie('field'),
        node('FragmentSpread', { name: fragmentName, directives }),
        node('InlineFragment', {
          typeCondition: maybe(namedType),
          directives,
          selectionSet: tie('selectionSet'),
        }),
      ),
      1,
    ),
  }),
}));

const operation = node('OperationDefinition', {
  description: maybe(string),
  operation: fc.constantFrom('query', 'mutation', 'subscription'),
  name: maybe(name),
  variableDefinitions: few(
    node('VariableDefinition', {
      description: maybe(string),
      variable,
      type,
      defaultValue: maybe(constValue),
      directives: directivesOf(constValue),
    }),
  ),
  directives,
  selectionSet,
});

const fragment = node('FragmentDefinition', {
  description: maybe(string),
  name: fragmentName,
  typeCondition: namedType,
  directives,
  selectionSet,
});

/** Executable documents, valid or not, as the parser of graphql-js gives them. */
export const executableDocument: fc.Arbitrary<{
  readonly kind: 'Document';
  readonly definitions: readonly unknown[];
}> = node('Document', { definitions: few(fc.oneof(operation, fragment), 1) }) as never;
