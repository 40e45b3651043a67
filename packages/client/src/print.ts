import type { DocumentNode } from './document.ts';

/** The fields that nodes have; what is read as a node is checked when it is written. */
interface Node {
  readonly kind?: unknown;
  readonly description?: unknown;
  readonly name?: unknown;
  readonly alias?: unknown;
  readonly operation?: unknown;
  readonly definitions?: unknown;
  readonly variableDefinitions?: unknown;
  readonly variable?: unknown;
  readonly type?: unknown;
  readonly defaultValue?: unknown;
  readonly directives?: unknown;
  readonly selectionSet?: unknown;
  readonly selections?: unknown;
  readonly arguments?: unknown;
  readonly typeCondition?: unknown;
  readonly value?: unknown;
  readonly values?: unknown;
  readonly fields?: unknown;
  readonly block?: unknown;
}

/**
 * Writes a parsed document as compact text, whose parse equals the document.
 *
 * @param document - operations and fragments, from graphql-js, graphql-tag, codegen or gql.tada
 * @returns text without line breaks, but for those of block strings
 * @throws TypeError when it meets a node that executable documents don't have
 */
export function printDocument(document: DocumentNode): string {
  return write(document);
}

function write(node: unknown): string {
  const n: Node = Object(node);
  const { kind, name } = n;
  switch (kind) {
    case 'Document':
      return many(n.definitions);
    case 'OperationDefinition':
      return `${maybe('', n.description)}${n.operation}${maybe(' ', name)}${parentheses(n.variableDefinitions)}${rest(n)}`;
    case 'FragmentDefinition':
      return `${maybe('', n.description)}fragment ${write(name)}${parentheses(n.variableDefinitions)} on ${write(n.typeCondition)}${rest(n)}`;
    case 'VariableDefinition':
      return `${maybe('', n.description)}${write(n.variable)}:${write(n.type)}${maybe('=', n.defaultValue)}${rest(n)}`;
    case 'SelectionSet':
      return `{${many(n.selections)}}`;
    case 'Field':
      return (n.alias ? `${write(n.alias)}:` : '') + write(name) + rest(n);
    case 'FragmentSpread':
      return `...${write(name)}${rest(n)}`;
    case 'InlineFragment':
      return `...${maybe('on ', n.typeCondition)}${rest(n)}`;
    case 'Directive':
      return `@${write(name)}${rest(n)}`;
    case 'Argument':
    case 'FragmentArgument':
    case 'ObjectField':
      return `${write(name)}:${write(n.value)}`;
    case 'Variable':
      return `$${write(name)}`;
    case 'NamedType':
      return write(name);
    case 'ListType':
      return `[${write(n.type)}]`;
    case 'NonNullType':
      return `${write(n.type)}!`;
    case 'ListValue':
      return `[${many(n.values)}]`;
    case 'ObjectValue':
      return `{${many(n.fields)}}`;
    case 'StringValue':
      return string(`${n.value}`, n.block);
    case 'NullValue':
      return 'null';
    case 'Name':
    case 'IntValue':
    case 'FloatValue':
    case 'BooleanValue':
    case 'EnumValue':
      return `${n.value}`;
    default:
      throw new TypeError(`Cannot print document with a node of kind "${kind}"`);
  }
}

/** Arguments, directives and selections: what many kinds end with. */
function rest(node: Node): string {
  return parentheses(node.arguments) + many(node.directives) + maybe('', node.selectionSet);
}

function parentheses(nodes: unknown): string {
  const text = many(nodes);
  return text && `(${text})`;
}

function many(nodes: unknown): string {
  return Array.isArray(nodes) ? nodes.map(write).join(' ') : '';
}

function maybe(before: string, node: unknown): string {
  return node ? before + write(node) : '';
}

/**
 * What a block string can't say, so that the parser never makes one of it: carriage returns, lone
 * surrogates, blank lines at the ends, and several lines that are all indented.
 */
const NEVER_BLOCK =
  /[\r\ud800-\udfff]|^[ \t]*\n|(^[ \t]|\n)[ \t]*$|^[ \t][^\n]*(\n([ \t][^\n]*)?)+$/u;

function string(value: string, block: unknown): string {
  // GraphQL has all of JSON's escapes, and a lone surrogate passes through UTF-8 only as an escape
  if (!block || NEVER_BLOCK.test(value)) return JSON.stringify(value);
  // A first line on a line of its own loses its indentation; the last one may end in a quote
  const start = /^[ \t]/.test(value) ? '' : '\n';
  return `"""${start}${value.replaceAll('"""', '\\"""')}\n"""`;
}
