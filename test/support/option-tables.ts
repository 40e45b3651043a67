import { readText } from './documents.ts';

/** Options by their names as a README writes them: `limits.queueLimit`. */
export type OptionTable = ReadonlyMap<string, unknown>;

/**
 * The options in the table under a heading of a document; the default is undefined where the table
 * tells it in words.
 */
export function documentedOptions(document: string, heading: string): OptionTable {
  const [, section] = readText(document).split(`\n${heading}\n`);
  if (section === undefined) throw new Error(`${document} has no heading "${heading}"`);
  const rows = (section.split(/\n#{1,6} /)[0] ?? '').matchAll(/^\| `([\w.]+)` \| (.+?) \| /gm);
  return new Map([...rows].map(([, name = '', cell = '']) => [name, literal(cell)]));
}

/** The options whose defaults the table tells by a value. */
export function withDefault(table: OptionTable): OptionTable {
  return new Map([...table].filter(([, value]) => value !== undefined));
}

/** The value of a cell that is nothing but code: `1_000`, `'/graphql'`, `[]`; else undefined. */
function literal(cell: string): unknown {
  const code = /^`([^`]+)`$/.exec(cell)?.[1];
  if (code === undefined) return undefined;
  if (code === 'Infinity') return Number.POSITIVE_INFINITY;
  return JSON.parse(code.replace(/(?<=\d)_(?=\d)/g, '').replaceAll("'", '"'));
}

/** The names of an interface's own fields, in a source file by its path from the root. */
export function fieldsOf(file: string, type: string): readonly string[] {
  const fields = bodyOf(file, type).matchAll(/^ {2}readonly (\w+)\??:/gm);
  return [...fields].map(([, name = '']) => name);
}

/** The defaults that the docstrings of an interface's fields tell by a value. */
export function taggedDefaults(file: string, type: string): OptionTable {
  const fields = bodyOf(file, type).matchAll(
    /@default (\S+?)(?: ?\*\/|\n *\*\/)\n {2}readonly (\w+)/g,
  );
  return new Map([...fields].map(([, value, name = '']) => [name, literal(`\`${value}\``)]));
}

function bodyOf(file: string, type: string): string {
  const [, body] = readText(file).split(new RegExp(`export interface ${type}[ <]`));
  if (body === undefined) throw new Error(`${file} has no interface ${type}`);
  return body.split('\n}\n')[0] ?? '';
}
