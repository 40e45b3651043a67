import type { JsonObject } from './messages.ts';

/** How much of the other side's text a reason repeats. */
const QUOTED_CHARACTERS = 40;

/** Whether a value from `JSON.parse` is an object: neither null nor an array. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  Object(value) === value && !Array.isArray(value);

/** Whether a value from `JSON.parse` counts as not given. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** The sentence for a field of a message that is not what it has to be. */
export function wrongField(type: string, field: string, expected: string, got: unknown): string {
  return `Field "${field}" of "${type}" must be ${expected}, got ${describe(got)}`;
}

/** The sentence for a message whose `type` is not one that its reader knows. */
export function wrongType(type: unknown): string {
  return typeof type === 'string'
    ? `Unknown message type ${quote(type)}`
    : `Field "type" of a message must be a string, got ${describe(type)}`;
}

/** Names a value from `JSON.parse` in a few words, for the end of a sentence. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** Repeats the beginning of a text; escaped, since it may end in logs. */
export function quote(text: string): string {
  if (text.length <= QUOTED_CHARACTERS) return JSON.stringify(text);
  // Half of a surrogate pair at the cut would be shown as an escape.
  const beginning = text.slice(0, QUOTED_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '');
  return JSON.stringify(`${beginning}…`);
}
