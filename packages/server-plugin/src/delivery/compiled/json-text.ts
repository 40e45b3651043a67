import { notPlain } from './not-plain.ts';

/** Whether JSON may write a character in another way: quotes, backslashes, control characters, surrogates. */
const MAY_BE_ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** A string as JSON. The check costs a fraction of what `JSON.stringify` does. */
export function stringText(value: string): string {
  return MAY_BE_ESCAPED.test(value) ? JSON.stringify(value) : `"${value}"`;
}

/** What a scalar or enum made of a value, as JSON: the text that it has inside of a result. */
export function leafText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return stringText(value);
    case 'number':
      // JSON has no text for the others.
      return Number.isFinite(value) ? `${value}` : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return objectText(value);
    default:
      return notPlain();
  }
}

/** `toJSON` is told the key, which is another one inside of a result; a promise is waited for there. */
function objectText(value: object | null): string {
  if (value === null) return notPlain();
  if (hasMethod(value, 'toJSON') || hasMethod(value, 'then')) return notPlain();
  return JSON.stringify(value);
}

/** Whether an object has, or inherits, a function of this name. */
export function hasMethod(object: object, name: string): boolean {
  return typeof Reflect.get(object, name) === 'function';
}
