import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { resolveOptions } from '../src/options.ts';

const schema = buildSchema('type Query { hello: String }');

/** The defaults as they are documented for users, written out once more. */
const documented = {
  path: '/graphql',
  namespace: 'groupcast',
  middleware: [],
  validationRules: [],
  maskErrors: true,
  confirmSubscriptions: false,
  strictOrdering: false,
  echoComplete: false,
  connectionInitTimeoutMs: 3_000,
  warnOperationMs: 1_000,
  broadcastTimeoutMs: 5_000,
  drainMs: 2_000,
  closeTimeoutMs: 5_000,
  keepAlive: { intervalMs: 12_000, timeoutMs: 5_000, kaMs: 0 },
  allowedOrigins: 'same-host',
  limits: {
    messageBytes: 1_048_576,
    operationsPerConnection: 1_000,
    queueLimit: 1_024,
    bufferedBytes: 4_194_304,
    bufferedBytesTotal: 268_435_456,
    documentCacheEntries: 1_000,
    documentCacheBytes: 16_777_216,
    documentTokens: 10_000,
    pendingBroadcasts: 10_000,
  },
};

/** Options without a value of their own: what is absent is made, or not called. */
const withoutDefault = [
  'schema',
  'emitter',
  'context',
  'renewContext',
  'onConnect',
  'onOperation',
  'onDisconnect',
];

test('the defaults are those that are documented', () => {
  expect(resolveOptions({ schema })).toEqual({ schema, ...documented });
});

test('what is given replaces its default only', () => {
  const resolved = resolveOptions({
    schema,
    drainMs: 0,
    keepAlive: { kaMs: 5 },
    limits: { queueLimit: 1 },
  });

  expect(resolved).toEqual({
    schema,
    ...documented,
    drainMs: 0,
    keepAlive: { ...documented.keepAlive, kaMs: 5 },
    limits: { ...documented.limits, queueLimit: 1 },
  });
});

test('keepAlive: false stays false', () => {
  expect(resolveOptions({ schema, keepAlive: false }).keepAlive).toBe(false);
});

test('each comment in the source says the default that is used', () => {
  const source = readFileSync(new URL('../src/options.ts', import.meta.url), 'utf8');
  const tagged = [
    ...source.matchAll(/@default ([^\n*]+?)\s*(?:\*\/|\n \s*\*\/)\s*readonly (\w+)\?/g),
  ];
  const all: Record<string, unknown> = {
    ...documented,
    ...documented.keepAlive,
    ...documented.limits,
  };
  const said = Object.fromEntries(tagged.map(([, text = '', name = '']) => [name, literal(text)]));
  const { emitter, ...rest } = said;

  expect(emitter).toBe('one in memory');
  for (const [name, value] of Object.entries(rest))
    expect([name, value]).toEqual([name, all[name]]);
  // `keepAlive` and `limits` are groups of options; each of theirs says its own.
  const silent = Object.keys(all).filter((name) => !(name in rest));
  expect(silent.sort()).toEqual(['keepAlive', 'limits']);
});

test('every option of the type has a default here, or is known to have none', () => {
  const source = readFileSync(new URL('../src/options.ts', import.meta.url), 'utf8');
  const [, body = ''] = source.match(/interface GroupcastOptions [^{]*\{([\s\S]*?)\n\}/) ?? [];
  const own = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = '']) => name);
  const hooks = ['context', 'onConnect', 'onOperation', 'onDisconnect'];

  expect([...own, ...hooks].sort()).toEqual([...Object.keys(documented), ...withoutDefault].sort());
});

/** What stands after `@default`: a number, a word of the language, a string, or a description. */
function literal(text: string): unknown {
  if (/^[\d_]+$/.test(text)) return Number(text.replaceAll('_', ''));
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === '[]') return [];
  const [, string] = text.match(/^'(.*)'$/) ?? [];
  return string ?? text;
}
