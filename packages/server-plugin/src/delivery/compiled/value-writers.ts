import { hasMethod, leafText } from './json-text.ts';
import { notPlain } from './not-plain.ts';

/**
 * Writes what a field has as JSON, as graphql would complete it and `JSON.stringify` write that.
 *
 * Throws, whatever, where it is not sure of that, or where graphql would have an error. The run is done
 * again by graphql then: getters, and the functions of scalars, may be asked a second time.
 */
export interface ValueWriter {
  write(value: unknown): string;
}

type Source = Readonly<Record<string, unknown>>;

/** Scalars and enums: their own function is asked, as graphql does. */
export class LeafWriter implements ValueWriter {
  readonly #serialize: (value: unknown) => unknown;
  readonly #isNullable: boolean;

  constructor(serialize: (value: unknown) => unknown, isNullable: boolean) {
    this.#serialize = serialize;
    this.#isNullable = isNullable;
  }

  write(value: unknown): string {
    if (value === null || value === undefined) return nullText(this.#isNullable);
    if (typeof value === 'object') readable(value);
    else if (typeof value === 'function') return notPlain();
    return leafText(this.#serialize(value));
  }
}

/** Lists: arrays as the language makes them, and no other iterables. */
export class ListWriter implements ValueWriter {
  readonly #item: ValueWriter;
  readonly #isNullable: boolean;

  constructor(item: ValueWriter, isNullable: boolean) {
    this.#item = item;
    this.#isNullable = isNullable;
  }

  write(value: unknown): string {
    if (value === null || value === undefined) return nullText(this.#isNullable);
    const items = readableArray(value);
    let text = '[';
    // Not forEach: a hole is an item.
    for (let index = 0; index < items.length; index += 1) {
      if (index > 0) text += ',';
      text += this.#item.write(items[index]);
    }
    return `${text}]`;
  }
}

/** One field of an object: the text before its value, and how that is written. */
export interface FieldWriter {
  /** `,"alias":`, and before it what has the same text for all objects. */
  readonly head: string;
  /** The property. */
  readonly name: string;
  readonly value: ValueWriter;
}

/** Objects of one type: the properties that are selected, read in the order of the selection. */
export class ObjectWriter implements ValueWriter {
  readonly #fields: readonly FieldWriter[];
  readonly #tail: string;
  readonly #isNullable: boolean;

  constructor(fields: readonly FieldWriter[], tail: string, isNullable: boolean) {
    this.#fields = fields;
    this.#tail = tail;
    this.#isNullable = isNullable;
  }

  write(value: unknown): string {
    if (value === null || value === undefined) return nullText(this.#isNullable);
    return this.writeObject(readable(value));
  }

  writeObject(source: Source): string {
    let text = '';
    for (const field of this.#fields) text += field.head + field.value.write(source[field.name]);
    return text + this.#tail;
  }
}

/** Interfaces and unions whose values say themselves what they are, by `__typename`. */
export class AbstractWriter implements ValueWriter {
  readonly #types: ReadonlyMap<unknown, ObjectWriter>;
  readonly #isNullable: boolean;

  constructor(types: ReadonlyMap<unknown, ObjectWriter>, isNullable: boolean) {
    this.#types = types;
    this.#isNullable = isNullable;
  }

  write(value: unknown): string {
    if (value === null || value === undefined) return nullText(this.#isNullable);
    const source = readable(value);
    const type = this.#types.get(source['__typename']) ?? notPlain();
    return type.writeObject(source);
  }
}

function nullText(isNullable: boolean): string {
  return isNullable ? 'null' : notPlain();
}

/** An object whose properties are the fields: no promise, and no error, which graphql throws. */
function readable(value: unknown): Source {
  if (!isObject(value) || value instanceof Error || hasMethod(value, 'then')) return notPlain();
  return value;
}

function readableArray(value: unknown): readonly unknown[] {
  const isPlain =
    Array.isArray(value) &&
    value[Symbol.iterator] === Array.prototype[Symbol.iterator] &&
    // graphql 17 prefers it.
    !(Symbol.asyncIterator in value) &&
    !(value instanceof Error) &&
    !hasMethod(value, 'then');
  return isPlain ? value : notPlain();
}

function isObject(value: unknown): value is Source {
  return typeof value === 'object' && value !== null;
}
