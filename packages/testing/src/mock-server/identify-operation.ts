import type { JsonObject, OperationPayload, ParsedDocument } from '@groupcast/protocol';

/** What an operation is. */
export type OperationKind = 'query' | 'mutation' | 'subscription';

/** What can be known of an operation without a schema. */
export interface OperationIdentity {
  /** Its name; else that of its first field, or the hash of a persisted document; else ''. */
  readonly name: string;
  /** Undefined for a document without text, as persisted ones are. */
  readonly kind: OperationKind | undefined;
  /** Why no server could tell which operation of the document is meant, as a sentence. */
  readonly problem?: string;
}

interface Definition {
  readonly kind: string;
  name: string;
  firstField: string;
}

/** Whatever may hold words or braces without meaning them, and then what is looked at. */
const TOKENS = /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\])*"|#.*|\.\.\.|[{}()[\]:]|[$@]?\w+/g;

const KINDS: readonly string[] = ['query', 'mutation', 'subscription'] satisfies OperationKind[];

/** Finds out which operation a client asks for: the one of `operationName`, else the first. */
export function identifyOperation(payload: OperationPayload): OperationIdentity {
  const { query, operationName, extensions } = payload;
  const definitions = typeof query === 'string' ? readText(query) : readDocument(query);
  const operations = definitions.filter(({ kind }) => isKind(kind));
  const asked = operationName || undefined;
  const found = operations.find(({ name }) => asked === undefined || name === asked);
  const problem = problemOf(operations.length, asked, found);
  return {
    name: asked ?? (found ? found.name || found.firstField : hashIn(extensions)),
    kind: found && isKind(found.kind) ? found.kind : undefined,
    ...(problem && { problem }),
  };
}

/** @param count - of operations; persisted documents have none here */
function problemOf(count: number, asked?: string, found?: Definition): string | undefined {
  if (count > 0 && !found) return `The document has no operation ${JSON.stringify(asked)}`;
  if (count < 2 || asked !== undefined) return undefined;
  return `The document has ${count} operations, and operationName chooses none`;
}

function hashIn(extensions: JsonObject | undefined): string {
  return textOf(memberOf(extensions?.['persistedQuery'], 'sha256Hash'));
}

function readText(text: string): readonly Definition[] {
  const tokens = (text.match(TOKENS) ?? []).filter((token) => !/^["#]/.test(token));
  const definitions: Definition[] = [];
  let current: Definition | undefined;
  let depth = 0;
  const define = (kind: string): Definition => {
    current = { kind, name: '', firstField: '' };
    definitions.push(current);
    return current;
  };
  for (const [index, token] of tokens.entries()) {
    if (/^[{([]$/.test(token)) {
      // Braces without a word before them are a query.
      if (depth === 0 && token === '{') {
        (current ?? define('query')).firstField = fieldAfter(tokens, index);
      }
      depth += 1;
    } else if (/^[})\]]$/.test(token)) {
      depth -= 1;
      if (depth === 0 && token === '}') current = undefined;
    } else if (depth === 0 && /^\w/.test(token)) {
      if (current === undefined) define(token);
      else if (current.name === '') current.name = token;
    }
  }
  return definitions;
}

/** The field that a selection begins with, whatever its alias. */
function fieldAfter(tokens: readonly string[], brace: number): string {
  const field = tokens[tokens[brace + 2] === ':' ? brace + 3 : brace + 1] ?? '';
  return /^\w/.test(field) ? field : '';
}

function readDocument(document: ParsedDocument): readonly Definition[] {
  return listOf(document['definitions']).map((definition) => {
    const [first] = listOf(memberOf(memberOf(definition, 'selectionSet'), 'selections'));
    return {
      kind: textOf(memberOf(definition, 'operation')),
      name: textOf(memberOf(memberOf(definition, 'name'), 'value')),
      firstField: textOf(memberOf(memberOf(first, 'name'), 'value')),
    };
  });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isKind(kind: string): kind is OperationKind {
  return KINDS.includes(kind);
}
