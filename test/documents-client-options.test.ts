import { expect, test } from 'vitest';
import { settingsOf } from '../packages/client/src/settings.ts';
import {
  documentedOptions,
  fieldsOf,
  type OptionTable,
  taggedDefaults,
  withDefault,
} from './support/option-tables.ts';

const README = 'packages/client/README.md';
const SOURCE = 'packages/client/src/options.ts';
const REACT = 'packages/client/src/react/use-subscription.ts';

const ofClient = documentedOptions(README, '### Of the client');
const ofOperation = documentedOptions(README, '### Of one operation');
const ofHook = documentedOptions(README, '### React');

/** The defaults of a client that are a value, by the names that the table has. */
function clientDefaults(): OptionTable {
  const settings = new Map<string, unknown>(Object.entries(settingsOf({ url: '' })));
  const values = fieldsOf(SOURCE, 'ClientOptions')
    .concat(fieldsOf(SOURCE, 'KeepAliveOptions').map((name) => `keepAlive.${name}`))
    .map((name): [string, unknown] => [name, settings.get(name.replace('keepAlive.', ''))])
    .filter(([, value]) => typeof value === 'number');
  return new Map(values);
}

test("the client's README has every option of a client, and no other", () => {
  const names = [
    ...fieldsOf(SOURCE, 'ClientOptions'),
    ...fieldsOf(SOURCE, 'KeepAliveOptions').map((name) => `keepAlive.${name}`),
  ];

  expect(names.length).toBeGreaterThan(12);
  expect([...ofClient.keys()].sort()).toEqual(names.toSorted());
});

test('the defaults of a client in its README are the real ones', () => {
  expect(clientDefaults().size).toBeGreaterThan(6);
  expect(withDefault(ofClient)).toEqual(clientDefaults());
});

test("the client's README has every option of an operation, with its default", () => {
  const names = new Set([
    ...fieldsOf(SOURCE, 'RequestOptions'),
    ...fieldsOf(SOURCE, 'SubscribeOptions'),
  ]);
  const tagged = taggedDefaults(SOURCE, 'SubscribeOptions');

  expect([...ofOperation.keys()].sort()).toEqual([...names].sort());
  expect(tagged.size).toBeGreaterThan(0);
  expect(withDefault(ofOperation)).toEqual(tagged);
});

test("the client's README has every option of the hook that subscribes", () => {
  const names = fieldsOf(REACT, 'UseSubscriptionOptions');

  expect(names.length).toBeGreaterThan(2);
  expect([...ofHook.keys()].sort()).toEqual(names.toSorted());
});
