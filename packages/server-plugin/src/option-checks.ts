import leven from 'leven';
import { OptionInvalidError, OptionUnknownError } from './errors.ts';

/** What an option must be, and whether a value is that. */
export interface OptionCheck {
  /** Completes the sentence: option "x" must be … */
  readonly expected: string;
  accepts(value: unknown): boolean;
}

/** The options of one level, each with its check or with those of the level below. */
export interface OptionChecks {
  readonly [name: string]: OptionCheck | OptionChecks;
}

/** A string. */
export const aString: OptionCheck = {
  expected: 'a non-empty string',
  accepts: (value) => typeof value === 'string' && value !== '',
};

/** A function. */
export const aFunction: OptionCheck = {
  expected: 'a function',
  accepts: (value) => typeof value === 'function',
};

/** A boolean. */
export const aBoolean: OptionCheck = {
  expected: 'a boolean',
  accepts: (value) => typeof value === 'boolean',
};

/** An array of functions. */
export const functions: OptionCheck = {
  expected: 'an array of functions',
  accepts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'function'),
};

/** Milliseconds, 0 included. */
export const milliseconds: OptionCheck = {
  expected: 'a number of milliseconds, 0 or more',
  accepts: (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
};

/** Milliseconds, at least one. */
export const positiveMilliseconds: OptionCheck = {
  expected: 'a number of milliseconds, 1 or more',
  accepts: (value) => typeof value === 'number' && value >= 1 && Number.isFinite(value),
};

/** A count, at least one. */
export const count: OptionCheck = {
  expected: 'a whole number, 1 or more',
  accepts: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1,
};

/** A count, 0 included. */
export const countOrZero: OptionCheck = {
  expected: 'a whole number, 0 or more',
  accepts: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0,
};

/** Something with the methods of an MQEmitter that are used. */
export const anEmitter: OptionCheck = {
  expected: 'an MQEmitter with on, emit, removeListener and close',
  accepts: (value) =>
    typeof value === 'object' &&
    value !== null &&
    ['on', 'emit', 'removeListener', 'close'].every(
      (method) => typeof Reflect.get(value, method) === 'function',
    ),
};

/**
 * Checks the options of one level and of those below it.
 *
 * @param prefix - the path to this level, ending in a dot; empty at the top
 * @throws OptionUnknownError for a key that is none, naming the nearest that is one
 * @throws OptionInvalidError for a value of the wrong kind; undefined counts as absent
 */
export function checkOptions(options: object, checks: OptionChecks, prefix = ''): void {
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) throw unknownOption(name, Object.keys(checks), prefix);
    if (value === undefined) continue;
    if (isCheck(check)) {
      if (!check.accepts(value)) {
        throw new OptionInvalidError(`${prefix}${name}`, check.expected, quoted(value));
      }
    } else if (typeof value === 'object' && value !== null) {
      checkOptions(value, check, `${prefix}${name}.`);
    } else {
      throw new OptionInvalidError(`${prefix}${name}`, 'an object', quoted(value));
    }
  }
}

function isCheck(check: OptionCheck | OptionChecks): check is OptionCheck {
  return typeof check['accepts'] === 'function';
}

function unknownOption(name: string, known: readonly string[], prefix: string): Error {
  const [nearest = ''] = [...known].sort((a, b) => leven(name, a) - leven(name, b));
  return new OptionUnknownError(`${prefix}${name}`, `${prefix}${nearest}`);
}

function quoted(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
