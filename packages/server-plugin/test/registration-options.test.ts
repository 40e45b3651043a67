import groupcast from '@groupcast/fastify';
import Fastify from 'fastify';
import { buildSchema } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';

const schema = buildSchema('type Query { hello: String }');

/** Registers as untyped code may. */
async function register(options: object): Promise<void> {
  const app = Fastify();
  onTestFinished(() => app.close());
  await Reflect.apply(app.register, app, [groupcast, options]);
}

/** Options of which one, named by its path, has this value. */
function optionsWith(path: string, value: unknown): object {
  const [outer = '', inner] = path.split('.');
  return { schema, [outer]: inner === undefined ? value : { [inner]: value } };
}

test.each([
  ['shema', 'schema'],
  ['onConect', 'onConnect'],
  ['conext', 'context'],
  ['keepalive', 'keepAlive'],
  ['allowedOrigin', 'allowedOrigins'],
  ['connectionInitWaitTimeout', 'connectionInitTimeoutMs'],
  ['limits.messageByte', 'limits.messageBytes'],
  ['limits.bufferedBytesTotl', 'limits.bufferedBytesTotal'],
  ['keepAlive.interval', 'keepAlive.intervalMs'],
  ['keepAlive.KaMs', 'keepAlive.kaMs'],
])('an unknown option %s is refused, and %s is named', async (name, nearest) => {
  await expect(register(optionsWith(name, 1))).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_OPTION_UNKNOWN',
    message: `Cannot register the plugin: there is no option "${name}", did you mean "${nearest}"?`,
  });
});

test.each(['queueLimit', 'constructor', 'toString', 'limits.constructor', 'keepAlive.toString'])(
  'what is an option elsewhere, or a property of all objects, is none: %s',
  async (name) => {
    await expect(register(optionsWith(name, 1))).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_OPTION_UNKNOWN',
      message: expect.stringContaining(`there is no option "${name}"`),
    });
  },
);

const aFunction = () => undefined;

/** Values that each option refuses, beside those of {@link refusedByAll}. */
const refused: { readonly [option: string]: readonly unknown[] } = {
  schema: [undefined, 'type Query { hello: String }', {}, aFunction],
  path: ['', 'graphql', ['/graphql'], aFunction],
  emitter: [{}, 'redis', aFunction, { on: aFunction, emit: aFunction, close: aFunction }],
  namespace: ['', ['a'], {}],
  context: [{}, 'user', true],
  renewContext: [{}, 'user', true],
  onConnect: [{}, 'user', true],
  onOperation: [{}, 'user', true],
  onDisconnect: [{}, 'user', true],
  middleware: [aFunction, {}, ['x'], [aFunction, undefined]],
  validationRules: [aFunction, {}, [{}]],
  maskErrors: ['yes', {}, []],
  confirmSubscriptions: ['yes', 'true', {}],
  strictOrdering: ['yes', {}, []],
  echoComplete: ['yes', {}, []],
  connectionInitTimeoutMs: ['3s', -1, Number.NaN, Number.POSITIVE_INFINITY, true],
  warnOperationMs: ['1s', -1, Number.NaN, Number.POSITIVE_INFINITY],
  broadcastTimeoutMs: ['5s', 0, -1, Number.NaN, Number.POSITIVE_INFINITY],
  drainMs: ['2s', -1, Number.NaN, Number.POSITIVE_INFINITY],
  closeTimeoutMs: ['5s', 0, -1, Number.NaN, Number.POSITIVE_INFINITY],
  keepAlive: [true, 'on', 12_000],
  'keepAlive.intervalMs': ['12s', 0, -1, Number.NaN],
  'keepAlive.timeoutMs': ['5s', 0, -1, Number.NaN],
  'keepAlive.kaMs': ['5s', -1, Number.NaN, Number.POSITIVE_INFINITY],
  allowedOrigins: ['same-origin', 'https://example.org', {}, [1], [new URL('https://a.b')]],
  limits: [true, 'none', 7],
  'limits.messageBytes': ['1MB', 0, -1, 1.5, Number.NaN, 2 ** 60],
  'limits.operationsPerConnection': ['many', 0, -1, 1.5],
  'limits.queueLimit': ['many', 0, -1, 1.5, Number.POSITIVE_INFINITY],
  'limits.bufferedBytes': ['many', 0, -1, 1.5],
  'limits.bufferedBytesTotal': ['many', 0, -1, 1.5],
  'limits.documentCacheEntries': ['many', -1, 1.5],
  'limits.documentCacheBytes': ['many', -1, 1.5],
  'limits.documentTokens': ['many', 0, -1, 1.5],
  'limits.pendingBroadcasts': ['many', 0, -1, 1.5],
};

const refusedByAll = [null, Symbol('x'), 10n];

test.each(
  Object.entries(refused).flatMap(([name, values]) =>
    [...values, ...refusedByAll].map((value) => [name, value] as const),
  ),
)('option %s refuses %s', async (name, value) => {
  await expect(register(optionsWith(name, value))).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_OPTION_INVALID',
    message: expect.stringContaining(`Cannot register the plugin: option "${name}" must be `),
  });
});

test('the sentence says what is expected and what came', async () => {
  const registration = register({ schema, limits: { queueLimit: '1024' } });

  await expect(registration).rejects.toThrow(
    'Cannot register the plugin: option "limits.queueLimit" must be a whole number, 1 or more, got "1024"',
  );
});

test('no schema at all is refused', async () => {
  await expect(register({})).rejects.toThrow('option "schema" must be a GraphQLSchema');
});

test('an option that is undefined counts as absent', async () => {
  const absent = Object.fromEntries(
    Object.keys(refused)
      .filter((name) => name !== 'schema' && !name.includes('.'))
      .map((name) => [name, undefined]),
  );
  const inner = (outer: string): object =>
    Object.fromEntries(
      Object.keys(refused)
        .filter((name) => name.startsWith(`${outer}.`))
        .map((name) => [name.slice(outer.length + 1), undefined]),
    );

  await register({
    ...absent,
    schema,
    limits: inner('limits'),
    keepAlive: inner('keepAlive'),
  });
});

test("the caller's options are not changed, and may be frozen", async () => {
  const options = Object.freeze({
    schema,
    middleware: Object.freeze([]),
    limits: Object.freeze({ queueLimit: 7 }),
    keepAlive: Object.freeze({ kaMs: 1 }),
  });
  await register(options);

  expect(options).toEqual({
    schema,
    middleware: [],
    limits: { queueLimit: 7 },
    keepAlive: { kaMs: 1 },
  });
});
