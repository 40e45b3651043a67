import fc from 'fast-check';
import { GraphQLError } from 'graphql';

/** A schema, a document on it and a payload that may be anything; each call of `payload` makes a new one. */
export interface ReadingCase {
  readonly typeDefs: string;
  readonly document: string;
  readonly variables: { readonly a: boolean; readonly b: boolean };
  readonly payload: () => unknown;
}

interface Field {
  readonly name: string;
  /** The name of its type. */
  readonly named: string;
  readonly wrap: readonly ('list' | 'non-null')[];
}

interface ObjectType {
  readonly name: string;
  readonly fields: readonly Field[];
}

const OBJECTS = ['A', 'B', 'C'];
const LEAVES = ['String', 'Int', 'Float', 'Boolean', 'ID', 'Color', 'Anything', 'Moment'];
/** Some of them are on the prototype of all objects. */
const NAMES = ['id', 'text', 'constructor', 'toJSON', 'then'];

const wraps = fc.constantFrom<Field['wrap']>(
  ...([[], [], ['non-null'], ['list'], ['non-null', 'list'], ['list', 'non-null']] as const),
  ['non-null', 'list', 'non-null', 'list'],
);

/** All of them: each name that a document selects is there, as in one that is valid. */
function fieldsOf(): fc.Arbitrary<readonly Field[]> {
  const fields = NAMES.map((name) =>
    fc.record({
      name: fc.constant(name),
      named: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...LEAVES) },
        { weight: 1, arbitrary: fc.constantFrom(...OBJECTS, 'Thing', 'Node') },
      ),
      wrap: wraps,
    }),
  );
  return fc.tuple(...fields);
}

const objectTypes: fc.Arbitrary<readonly ObjectType[]> = fc
  .tuple(...OBJECTS.map(fieldsOf))
  .map((all) => all.map((fields, index) => ({ name: OBJECTS[index] ?? '', fields })));

function typeText({ named, wrap }: Field): string {
  return wrap.reduceRight((inner, layer) => (layer === 'list' ? `[${inner}]` : `${inner}!`), named);
}

function sdl(types: readonly ObjectType[], root: string): string {
  const objects = types.map(({ name, fields }) => {
    const lines = fields.map((field) => `${field.name}: ${typeText(field)}`);
    return `type ${name} implements Node { key: ID ${lines.join(' ')} }`;
  });
  return `
    scalar Anything
    scalar Moment
    enum Color { RED GREEN BLUE }
    interface Node { key: ID }
    union Thing = ${OBJECTS.join(' | ')}
    ${objects.join('\n')}
    type Query { hello: String }
    type Subscription { onMessage: ${root} }
  `;
}

const conditions = fc.constantFrom(
  ...['', '', '', ' @skip(if: $a)', ' @include(if: $b)', ' @skip(if: false)'],
  ' @skip(if: $a) @include(if: $b)',
);

const typeConditions = fc.constantFrom(
  '',
  ...[...OBJECTS, 'Node', 'Thing'].map((on) => `on ${on}`),
);

/** Selections that may merge, repeat, select what is not there, or nothing. They need not be valid. */
function selectionsOf(depth: number): fc.Arbitrary<string> {
  const inner: fc.Arbitrary<string> =
    depth === 0 ? fc.constant('{ __typename }') : fc.memo(() => selectionsOf(depth - 1))();
  const field = fc
    .tuple(
      fc.constantFrom('', '', 'a: ', '__proto__: '),
      fc.constantFrom(...NAMES, 'key'),
      conditions,
      inner,
    )
    .map(([alias, name, condition, below]) => `${alias}${name}${condition} ${below}`);
  const fragment = fc
    .tuple(typeConditions, conditions, inner)
    .map(([on, condition, below]) => `... ${on}${condition} ${below}`);
  const other = fc.constantFrom('__typename', 'key', 'also: __typename', '...One', '...Two');
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: field }, fragment, other), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => `{ ${parts.join(' ')} }`);
}

const documents = fc
  .tuple(selectionsOf(3), selectionsOf(1), selectionsOf(1))
  .map(([root, one, two]) => {
    // Fragments that spread themselves are refused before anything is executed.
    const two_ = two.replaceAll('...One', '__typename').replaceAll('...Two', '__typename');
    const one_ = one.replaceAll('...One', '__typename');
    return `
      subscription ($a: Boolean!, $b: Boolean!) { message: onMessage ${root} }
      fragment One on A ${one_}
      fragment Two on Node ${two_}
    `;
  });

/** Something to wait for, or what only has the property. */
const then = (value: unknown): object => Object.fromEntries([['then', value]]);

const throwing = {
  enumerable: true,
  get: () => {
    throw new Error('a getter fails');
  },
};
const rejected = (): Promise<never> => {
  const promise = Promise.reject(new Error('rejected'));
  promise.catch(() => undefined);
  return promise;
};

/** Makers of values that belong nowhere, or that only look as if they did. */
const hostile: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -0,
  () => 1e21,
  () => 2 ** 31,
  () => 0.1,
  () => 10n,
  () => Symbol('symbol'),
  () => true,
  () => '',
  () => '12',
  () => 'lone \ud800, pair \ud83d\ude00, "quoted" \\ \n \u2028 \u0000 \u007f',
  () => new String('boxed'),
  () => new Date(0),
  () => new Map([['text', 'of a map']]),
  () => new Set([1, 2]),
  () => [],
  // biome-ignore lint/suspicious/noSparseArray: that is what is tried.
  () => ['one', , 'three'],
  () => Object.assign([1, 2], { [Symbol.iterator]: () => [3][Symbol.iterator]() }),
  () => Object.assign([1, 2], { toJSON: () => 'array' }),
  () => Object.assign(['x'], then('no function')),
  () => new Error('an error as a value'),
  () => new GraphQLError('shown to clients'),
  () => Promise.resolve('later'),
  () => Promise.resolve({ __typename: 'A', text: 'later' }),
  rejected,
  () => then((resolve: (value: unknown) => void) => resolve('thenable')),
  () => () => 'called',
  () => (_args: unknown, context: { user?: string }) => `for ${context.user}`,
  () => Object.defineProperty({ __typename: 'B' }, 'text', throwing),
  () => Object.defineProperty({}, '__typename', throwing),
  () => Object.defineProperty({}, 'then', throwing),
  () => Object.assign(Object.create(null), { __typename: 'C', text: 'bare' }),
  () => JSON.parse('{ "__proto__": { "text": "polluted" }, "__typename": "A" }'),
  () => ({ valueOf: () => 5, toJSON: () => 6 }),
  () => ({ toJSON: (key: string) => `key ${key}` }),
  () => ({ nested: { toJSON: (key: string) => `key ${key}` } }),
  () => ({ __typename: 'Nothing' }),
  () => ({ __typename: 'Node' }),
  () => ({ __typename: new String('A') }),
  () =>
    new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error('no prototype');
        },
      },
    ),
  () => new Proxy({ __typename: 'A' }, {}),
];

const leafMakers: Readonly<Record<string, readonly (() => unknown)[]>> = {
  String: [() => 'text', () => 'ünïcödé \ud83d\ude00'],
  Int: [() => 1, () => -0, () => 2 ** 31 - 1],
  Float: [() => 1.5, () => 1e300, () => 1e-7],
  Boolean: [() => true, () => false],
  ID: [() => 'id', () => 7],
  Color: [() => 1, () => 'green', () => 'BLUE'],
  Anything: [() => 'any', () => ({ a: [1, { b: null }] }), () => [1], () => Number.NaN],
  Moment: [() => new Date(0)],
};

/** A maker of a payload for a type: mostly what belongs there. */
function makerOf(
  types: readonly ObjectType[],
  field: Omit<Field, 'name'>,
  depth: number,
): fc.Arbitrary<() => unknown> {
  const [layer, ...wrap] = field.wrap;
  if (layer === 'non-null') return makerOf(types, { ...field, wrap }, depth);
  const usual =
    layer === 'list' ? listOf(types, { ...field, wrap }, depth) : namedOf(types, field, depth);
  return fc.oneof(
    { weight: 80, arbitrary: usual },
    { weight: 1, arbitrary: fc.constantFrom(...hostile) },
  );
}

function listOf(types: readonly ObjectType[], item: Omit<Field, 'name'>, depth: number) {
  return fc
    .array(makerOf(types, item, depth), { maxLength: 2 })
    .map((makers) => () => makers.map((make) => make()));
}

function namedOf(
  types: readonly ObjectType[],
  { named }: Omit<Field, 'name'>,
  depth: number,
): fc.Arbitrary<() => unknown> {
  const leaves = leafMakers[named];
  if (leaves !== undefined) return fc.constantFrom(...leaves);
  if (depth === 0) return fc.constant(() => null);
  const possible = types.filter(({ name }) => name === named || !OBJECTS.includes(named));
  return fc.constantFrom(...possible).chain(({ name, fields }) => {
    const makers = fields.map((field) =>
      fc.tuple(fc.constant(field.name), makerOf(types, field, depth - 1)),
    );
    return fc.tuple(...makers).map((entries) => () => ({
      __typename: name,
      key: 'k',
      ...Object.fromEntries(entries.map(([property, make]) => [property, make()])),
    }));
  });
}

/** Random schemas, with documents and payloads for them. */
export const readingCases: fc.Arbitrary<ReadingCase> = fc
  .tuple(objectTypes, fc.constantFrom(...OBJECTS, 'Node', 'Thing'), wraps)
  .chain(([types, named, wrap]) =>
    fc.record({
      typeDefs: fc.constant(sdl(types, typeText({ name: 'onMessage', named, wrap }))),
      document: documents,
      variables: fc.record({ a: fc.boolean(), b: fc.boolean() }),
      payload: makerOf(types, { named, wrap }, 3),
    }),
  );
