import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { expect, test } from 'vitest';
import { resolveOptions } from '../packages/server-plugin/src/options.ts';
import {
  documentedOptions,
  fieldsOf,
  type OptionTable,
  withDefault,
} from './support/option-tables.ts';

const SOURCE = 'packages/server-plugin/src/options.ts';
const HOOKS = 'packages/server-plugin/src/connection/connection-hooks.ts';

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString } } }),
});

const documented = documentedOptions('README.md', '## Options');

/** The options with a default, and their defaults. */
function defaults(): OptionTable {
  const { schema: _, limits, keepAlive, ...others } = resolveOptions({ schema });
  const nested = Object.entries({ limits, keepAlive: keepAlive || {} }).flatMap(([parent, level]) =>
    Object.entries(level).map(([name, value]): [string, unknown] => [`${parent}.${name}`, value]),
  );
  return new Map([...Object.entries(others), ...nested]);
}

test("the README's table has every option, and no other", () => {
  const names = [
    ...fieldsOf(SOURCE, 'GroupcastOptions'),
    ...fieldsOf(HOOKS, 'ConnectionHooks'),
    ...fieldsOf(SOURCE, 'LimitOptions').map((name) => `limits.${name}`),
    ...fieldsOf(SOURCE, 'KeepAliveOptions').map((name) => `keepAlive.${name}`),
  ];

  expect(names.length).toBeGreaterThan(30);
  expect([...documented.keys()].sort()).toEqual(names.toSorted());
});

test("the defaults in the README's table are the real ones", () => {
  expect(withDefault(documented)).toEqual(defaults());
});
