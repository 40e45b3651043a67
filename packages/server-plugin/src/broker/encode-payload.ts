import { types } from 'node:util';
import { PayloadInvalidError } from '../errors.ts';
import { isObject, MAX_DEPTH, TAG_MARK } from './payload-format.ts';
import { describePath, type PathStep } from './payload-path.ts';

/**
 * Writes a payload as text; see `payload-format.ts` for how.
 *
 * Carries what JSON does, and `undefined`, NaN, the infinities, -0, BigInt, Date, Map, Set and
 * Uint8Array (also as Buffer or another subclass). `toJSON` is honoured as `JSON.stringify` does;
 * enumerable string keys count, symbol keys don't; a null prototype is not kept. Something that
 * occurs twice is written twice.
 *
 * @throws PayloadInvalidError that names by its path what can't be carried: a function, a
 *   symbol, a promise, another class instance, a cycle, a depth of more than 1,000; or what threw
 *   while it was read
 */
export function encodePayload(value: unknown): string {
  try {
    if (isPlain(value, 0)) return JSON.stringify(value);
  } catch {
    // A getter or a proxy threw, or the stack is nearly full: the writer runs into it again, and
    // knows where.
  }
  return new PayloadWriter().write(value);
}

/**
 * Whether `JSON.stringify` alone writes the value as this codec would. Allocates nothing.
 *
 * False may be wrong, true never is: the writer handles everything.
 */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return value === null || isPlainObject(value, depth);
    default:
      return false;
  }
}

function isPlainObject(value: object, depth: number): boolean {
  // A cycle ends here too.
  if (depth >= MAX_DEPTH || !isObject(value) || typeof value['toJSON'] === 'function') return false;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      if (!isPlain(value[index], depth + 1)) return false;
    }
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    if (key.startsWith(TAG_MARK) || !isPlain(value[key], depth + 1)) return false;
  }
  return true;
}

/** Writes any value that can be carried, and remembers where it is, for the sake of errors. */
class PayloadWriter {
  readonly #path: PathStep[] = [];
  /** The containers that the current value is inside of. */
  readonly #ancestors = new Set<object>();

  write(value: unknown): string {
    try {
      return this.#value(value, '');
    } catch (error) {
      if (error instanceof PayloadInvalidError) throw error;
      throw this.#invalid('could not be read', error);
    }
  }

  #value(value: unknown, key: string): string {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return JSON.stringify(value);
      case 'number':
        if (Object.is(value, -0)) return '{"$number":"-0"}';
        return Number.isFinite(value) ? String(value) : `{"$number":"${value}"}`;
      case 'undefined':
        return '{"$undefined":true}';
      case 'bigint':
        return `{"$bigint":"${value}"}`;
      case 'function':
        throw this.#invalid('is a function');
      case 'symbol':
        throw this.#invalid('is a symbol');
      default:
        return isObject(value) ? this.#object(value, key) : 'null';
    }
  }

  #object(value: Record<string, unknown>, key: string): string {
    if (types.isDate(value)) return writeDate(value);
    if (types.isUint8Array(value)) return writeBytes(value);
    if (types.isPromise(value)) throw this.#invalid('is a Promise (did you forget await?)');
    this.#enter(value);
    const text = this.#container(value, key);
    this.#ancestors.delete(value);
    return text;
  }

  #container(value: Record<string, unknown>, key: string): string {
    if (types.isMap(value)) return this.#map(value);
    if (types.isSet(value)) return this.#set(value);
    if (typeof value['toJSON'] === 'function') return this.#answer(value, value['toJSON'](key));
    if (Array.isArray(value)) return this.#array(value);
    if (isPlainPrototype(Object.getPrototypeOf(value))) return this.#record(value);
    const hint = typeof value['then'] === 'function' ? ' (did you forget await?)' : '';
    throw this.#invalid(`is ${describeClass(value)} instance${hint}`);
  }

  /**
   * Writes what `toJSON` returned. As with `JSON.stringify`, the answer is not asked for its own
   * `toJSON`.
   */
  #answer(asked: object, answer: unknown): string {
    if (!isObject(answer) || types.isDate(answer) || types.isUint8Array(answer)) {
      return this.#value(answer, '');
    }
    if (answer !== asked) this.#enter(answer);
    const text = this.#answeredContainer(answer);
    if (answer !== asked) this.#ancestors.delete(answer);
    return text;
  }

  #answeredContainer(answer: Record<string, unknown>): string {
    if (types.isPromise(answer)) throw this.#invalid('has a toJSON that returns a Promise');
    if (types.isMap(answer)) return this.#map(answer);
    if (types.isSet(answer)) return this.#set(answer);
    return Array.isArray(answer) ? this.#array(answer) : this.#record(answer);
  }

  #record(value: Record<string, unknown>): string {
    const keys = Object.keys(value);
    const looksLikeTag = keys.length === 1 && keys[0]?.startsWith(TAG_MARK) === true;
    let text = looksLikeTag ? '{"$' : '{';
    for (const key of keys) {
      const name = JSON.stringify(key);
      if (looksLikeTag) text += `${name.slice(1)}:`;
      else text += text.length === 1 ? `${name}:` : `,${name}:`;
      text += this.#child(value[key], key);
    }
    return `${text}}`;
  }

  #array(values: readonly unknown[]): string {
    let text = '[';
    // By index, since holes count: they are written as undefined.
    for (let index = 0; index < values.length; index += 1) {
      if (index > 0) text += ',';
      text += this.#child(values[index], index);
    }
    return `${text}]`;
  }

  #map(map: ReadonlyMap<unknown, unknown>): string {
    const entries: string[] = [];
    for (const [key, value] of map) {
      const index = entries.length;
      const keyText = this.#child(key, { part: 'keys', index });
      entries.push(`[${keyText},${this.#child(value, { part: 'values', index })}]`);
    }
    return `{"$map":[${entries.join(',')}]}`;
  }

  #set(set: ReadonlySet<unknown>): string {
    const entries: string[] = [];
    for (const value of set)
      entries.push(this.#child(value, { part: 'values', index: entries.length }));
    return `{"$set":[${entries.join(',')}]}`;
  }

  #child(value: unknown, step: PathStep): string {
    this.#path.push(step);
    const text = this.#value(value, typeof step === 'object' ? '' : String(step));
    this.#path.pop();
    return text;
  }

  #enter(value: object): void {
    if (this.#ancestors.has(value)) throw this.#invalid('contains itself');
    if (this.#ancestors.size >= MAX_DEPTH)
      throw this.#invalid(`is nested deeper than ${MAX_DEPTH}`);
    this.#ancestors.add(value);
  }

  #invalid(problem: string, cause?: unknown): Error {
    const sentence = `${describePath(this.#path)} ${problem}`;
    return cause === undefined
      ? new PayloadInvalidError(sentence)
      : new PayloadInvalidError(`${sentence} (${describeCause(cause)})`, { cause });
  }
}

/** Also true for the `Object.prototype` of another realm, such as a test runner's sandbox. */
function isPlainPrototype(prototype: unknown): boolean {
  if (prototype === Object.prototype || prototype === null) return true;
  return (
    isObject(prototype) &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'hasOwnProperty')
  );
}

function describeClass(value: Record<string, unknown>): string {
  const made = value['constructor'];
  const name = typeof made === 'function' ? made.name : '';
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name || 'class'}`;
}

function describeCause(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'something was thrown that is not an Error';
}

/** Reads the time itself, since a subclass may write itself differently. */
function writeDate(date: Date): string {
  const time = Date.prototype.getTime.call(date);
  return Number.isNaN(time) ? '{"$date":null}' : `{"$date":"${new Date(time).toISOString()}"}`;
}

function writeBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return `{"$bytes":"${text}"}`;
}
