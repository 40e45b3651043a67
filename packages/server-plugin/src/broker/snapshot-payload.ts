import { type DecodedPayload, parseJson, revivePayload } from './decode-payload.ts';
import { encodePayload } from './encode-payload.ts';
import { isObject, MAX_DEPTH, TAG_MARK } from './payload-format.ts';

/** A payload as it was at one moment: what its text would say, without the text. */
export interface PayloadSnapshot extends DecodedPayload {
  /** Of which `revivePayload` makes further values. */
  readonly json: unknown;
}

/**
 * Takes a payload that stays in this process. Later changes of it don't matter; what comes out is
 * what its text would be decoded to.
 *
 * @throws PayloadInvalidError as `encodePayload` does
 */
export function snapshotPayload(value: unknown): PayloadSnapshot {
  const copy = tryToCopy(value);
  if (copy !== NOT_PLAIN) return { json: copy, value: copy, isPlain: true };
  const json = parseJson(encodePayload(value));
  const decoded = revivePayload(json);
  return { json, value: decoded.value, isPlain: decoded.isPlain };
}

/** Takes the place of a copy where only the text can tell what becomes of a value. */
const NOT_PLAIN = Symbol('not plain');

function tryToCopy(value: unknown): unknown {
  try {
    return hasPollutedPrototypes() ? NOT_PLAIN : copyPlain(value, 0);
  } catch {
    // A getter or a proxy threw: the text's writer runs into it again, and knows where.
    return NOT_PLAIN;
  }
}

/** Whether loops over keys see some that are nobody's own. */
function hasPollutedPrototypes(): boolean {
  for (const _key in Object.prototype) return true;
  return false;
}

/** Copies and freezes what is plain JSON through and through. */
function copyPlain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : NOT_PLAIN;
    case 'object':
      return isObject(value) ? copyObject(value, depth) : value;
    default:
      return NOT_PLAIN;
  }
}

function copyObject(value: Record<string, unknown>, depth: number): unknown {
  // A cycle ends here too.
  if (depth >= MAX_DEPTH || typeof value['toJSON'] === 'function') return NOT_PLAIN;
  if (Array.isArray(value)) return copyArray(value, depth);
  // One without a prototype may be what `JSON.rawJSON` made.
  return Object.getPrototypeOf(value) === Object.prototype ? copyRecord(value, depth) : NOT_PLAIN;
}

function copyArray(values: readonly unknown[], depth: number): unknown {
  const copies: unknown[] = [];
  // By index, since a hole is not plain.
  for (let index = 0; index < values.length; index += 1) {
    const copy = copyPlain(values[index], depth + 1);
    if (copy === NOT_PLAIN) return NOT_PLAIN;
    copies.push(copy);
  }
  return Object.freeze(copies);
}

function copyRecord(value: Record<string, unknown>, depth: number): unknown {
  const copies: Record<string, unknown> = {};
  for (const key in value) {
    // An assignment to `__proto__` would set the prototype.
    if (key.startsWith(TAG_MARK) || key === '__proto__') return NOT_PLAIN;
    const copy = copyPlain(value[key], depth + 1);
    if (copy === NOT_PLAIN) return NOT_PLAIN;
    copies[key] = copy;
  }
  return Object.freeze(copies);
}
