import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { expect, test } from 'vitest';
import { resolveOptions } from '../packages/server-plugin/src/options.ts';
import { readText } from './support/documents.ts';

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString } } }),
});

/** Options by their names as the README writes them: `limits.queueLimit`. */
type Options = ReadonlyMap<string, unknown>;

/** The options of the README's table; the default is undefined where the table tells it in words. */
function documented(): Options {
  const [, section = ''] = readText('README.md').split('\n## Options\n');
  const rows = (section.split('\n## ')[0] ?? '').matchAll(/^\| `([\w.]+)` \| (.+?) \| /gm);
  return new Map([...rows].map(([, name = '', cell = '']) => [name, literal(cell)]));
}

/** The value of a cell that is nothing but code: `1_000`, `'/graphql'`, `[]`; else undefined. */
function literal(cell: string): unknown {
  const code = /^`([^`]+)`$/.exec(cell)?.[1];
  if (code === undefined) return undefined;
  return JSON.parse(code.replace(/(?<=\d)_(?=\d)/g, '').replaceAll("'", '"'));
}

/** The options with a default, and their defaults. */
function defaults(): Options {
  const { schema: _, limits, keepAlive, ...others } = resolveOptions({ schema });
  const nested = Object.entries({ limits, keepAlive: keepAlive || {} }).flatMap(([parent, level]) =>
    Object.entries(level).map(([name, value]): [string, unknown] => [`${parent}.${name}`, value]),
  );
  return new Map([...Object.entries(others), ...nested]);
}

/** The names of a type's fields in a source file of the plugin. */
function fieldsOf(file: string, type: string): readonly string[] {
  const source = readText(`packages/server-plugin/src/${file}`);
  const [, body] = source.split(`export interface ${type} `);
  if (body === undefined) throw new Error(`${file} has no interface ${type}`);
  const fields = (body.split('\n}\n')[0] ?? '').matchAll(/^ {2}readonly (\w+)\??:/gm);
  return [...fields].map(([, name = '']) => name);
}

test("the README's table has every option, and no other", () => {
  const names = [
    ...fieldsOf('options.ts', 'GroupcastOptions'),
    ...fieldsOf('connection/connection-hooks.ts', 'ConnectionHooks'),
    ...fieldsOf('options.ts', 'LimitOptions').map((name) => `limits.${name}`),
    ...fieldsOf('options.ts', 'KeepAliveOptions').map((name) => `keepAlive.${name}`),
  ];

  expect(names.length).toBeGreaterThan(30);
  expect([...documented().keys()].sort()).toEqual(names.toSorted());
});

test("the defaults in the README's table are the real ones", () => {
  const told = [...documented()].filter(([, value]) => value !== undefined);

  expect(new Map(told)).toEqual(defaults());
});
