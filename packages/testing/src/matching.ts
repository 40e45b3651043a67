import { inspect, isDeepStrictEqual } from 'node:util';

import { show } from './show.ts';

/** A matcher of Vitest or Jest, such as `expect.any(String)`, which may stand in place of a value. */
interface Matcher {
  asymmetricMatch(actual: unknown): boolean;
  toAsymmetricMatcher?(): string;
}

/** Is what came from the wire exactly what is expected, but for matchers, which decide themselves? */
export function matches(actual: unknown, expected: unknown): boolean {
  if (isMatcher(expected)) return expected.asymmetricMatch(actual);
  if (!isObject(expected) || !isObject(actual)) return isDeepStrictEqual(actual, expected);
  if (Array.isArray(expected) !== Array.isArray(actual)) return false;
  const keys = Object.keys(expected);
  return (
    keys.length === Object.keys(actual).length &&
    keys.every((key) => Object.hasOwn(actual, key) && matches(actual[key], expected[key]))
  );
}

/** What is expected, as it stands in a failure's message: `{ id: Any<String> }`. */
export function showExpected(expected: unknown): string {
  return show(withShownMatchers(expected));
}

function withShownMatchers(value: unknown): unknown {
  if (isMatcher(value)) {
    const text = value.toAsymmetricMatcher?.() ?? String(value);
    return { [inspect.custom]: () => text };
  }
  if (Array.isArray(value)) return value.map(withShownMatchers);
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, each]) => [key, withShownMatchers(each)]));
}

function isMatcher(value: unknown): value is Matcher {
  return isObject(value) && typeof value['asymmetricMatch'] === 'function';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
