import { MessageUnreadableError } from '../errors.ts';
import { isObject, MAX_DEPTH, numbersByName, TAG_MARK } from './payload-format.ts';

/** A payload as it was read from its text. */
export interface DecodedPayload {
  readonly value: unknown;
  /**
   * Whether it holds nothing but JSON values. It is frozen then, through and through, and may be
   * shared.
   */
  readonly isPlain: boolean;
}

/**
 * Reads what `encodePayload` wrote.
 *
 * @throws MessageUnreadableError for everything else: no JSON, an unknown tag, a depth of more
 *   than 1,000
 */
export function decodePayload(text: string): DecodedPayload {
  return revivePayload(parseJson(text));
}

/** Parses JSON, whatever it is; throws a MessageUnreadableError when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MessageUnreadableError('it is not JSON', { cause: error });
  }
}

/**
 * Reads a payload whose text was parsed already. Plain JSON is frozen in place and is the value;
 * of anything else each call makes a new copy.
 *
 * @throws MessageUnreadableError as {@link decodePayload} does
 */
export function revivePayload(json: unknown): DecodedPayload {
  if (freezeUntagged(json, 0)) return { value: json, isPlain: true };
  const reviver = new Reviver();
  const value = reviver.revive(json);
  if (reviver.isPlain) deepFreeze(value);
  return { value, isPlain: reviver.isPlain };
}

/** Whether there is no tag in it; then it is frozen. Else a part of it is: nobody gets that. */
function freezeUntagged(json: unknown, depth: number): boolean {
  if (!isObject(json)) return true;
  checkDepth(depth);
  if (!Array.isArray(json) && tagOf(json) !== undefined) return false;
  for (const child of Object.values(json)) {
    if (!freezeUntagged(child, depth + 1)) return false;
  }
  Object.freeze(json);
  return true;
}

/** The only key of an object, when it makes the object a tag. */
function tagOf(json: Record<string, unknown>): string | undefined {
  for (const key in json) {
    return key.startsWith(TAG_MARK) && Object.keys(json).length === 1 ? key : undefined;
  }
  return undefined;
}

/** One level more than may be written, since a tag is an object too. */
function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new MessageUnreadableError(`its payload is nested deeper than ${MAX_DEPTH}`);
  }
}

function deepFreeze(json: unknown): void {
  if (!isObject(json)) return;
  for (const child of Object.values(json)) deepFreeze(child);
  Object.freeze(json);
}

/** Copies parsed JSON, with values in place of tags. */
class Reviver {
  /** False once a value came up that JSON does not have. */
  isPlain = true;
  #depth = 0;

  revive(json: unknown): unknown {
    if (!isObject(json)) return json;
    checkDepth(this.#depth);
    this.#depth += 1;
    const value = Array.isArray(json) ? this.#array(json) : this.#object(json);
    this.#depth -= 1;
    return value;
  }

  #array(json: readonly unknown[]): unknown[] {
    return json.map((item) => this.revive(item));
  }

  #object(json: Record<string, unknown>): unknown {
    const tag = tagOf(json);
    if (tag === undefined) return this.#record(Object.keys(json), json);
    if (tag.startsWith(TAG_MARK, 1)) return this.#escaped(tag, json[tag]);
    this.isPlain = false;
    return this.#tagged(tag, json[tag]);
  }

  #record(keys: readonly string[], json: Record<string, unknown>): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (const key of keys) setOwn(record, key, this.revive(json[key]));
    return record;
  }

  #escaped(tag: string, json: unknown): Record<string, unknown> {
    return { [tag.slice(TAG_MARK.length)]: this.revive(json) };
  }

  #tagged(tag: string, content: unknown): unknown {
    switch (tag) {
      case '$undefined':
        if (content === true) return undefined;
        break;
      case '$number':
        if (numbersByName.has(content)) return numbersByName.get(content);
        break;
      case '$bigint':
        if (typeof content === 'string' && /^-?\d+$/.test(content)) return BigInt(content);
        break;
      case '$date':
        return readDate(content);
      case '$bytes':
        return readBytes(content);
      case '$map':
        if (Array.isArray(content)) return new Map(content.map((entry) => this.#entry(entry)));
        break;
      case '$set':
        if (Array.isArray(content)) return new Set(this.#array(content));
        break;
      default:
        throw new MessageUnreadableError(`its payload has an unknown tag ${quote(tag)}`);
    }
    throw wrongContent(tag);
  }

  #entry(json: unknown): [unknown, unknown] {
    if (!Array.isArray(json) || json.length !== 2) throw wrongContent('$map');
    return [this.revive(json[0]), this.revive(json[1])];
  }
}

/** An assignment would set the prototype where the key is `__proto__`. */
function setOwn(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') record[key] = value;
  else
    Object.defineProperty(record, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
}

function readDate(content: unknown): Date {
  if (content === null) return new Date(Number.NaN);
  if (typeof content === 'string' && /^([+-]\d\d)?\d{4}-\d\d-\d\dT/.test(content)) {
    const date = new Date(content);
    if (!Number.isNaN(date.getTime())) return date;
  }
  throw wrongContent('$date');
}

/** Copies, since a small Buffer is a view of memory that it shares with others. */
function readBytes(content: unknown): Uint8Array {
  if (typeof content !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(content)) {
    throw wrongContent('$bytes');
  }
  return new Uint8Array(Buffer.from(content, 'base64'));
}

function wrongContent(tag: string): Error {
  return new MessageUnreadableError(`its payload has a malformed ${tag}`);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
