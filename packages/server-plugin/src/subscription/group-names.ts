import { inspect } from 'node:util';
import { GroupNamesInvalidError } from '../errors.ts';

const INSPECTED_CHARACTERS = 100;

/**
 * Reads what a `subscribe` function returned.
 *
 * @returns the names, each once, in their order
 * @throws `GROUPCAST_ERR_GROUP_NAMES_INVALID` with the value and the field
 */
export function groupNames(returned: unknown, fieldName: string): readonly string[] {
  if (returned === undefined || returned === null) return [];
  if (typeof returned === 'string') return [returned];
  if (!Array.isArray(returned)) throw invalid(returned, fieldName);
  const names = new Set<string>();
  // Not forEach: it skips holes, and a hole is undefined, not a name.
  for (const name of returned) {
    if (typeof name !== 'string') throw invalid(name, fieldName);
    names.add(name);
  }
  return [...names];
}

function invalid(value: unknown, fieldName: string): Error {
  const shown = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  return new GroupNamesInvalidError(fieldName, shown.slice(0, INSPECTED_CHARACTERS));
}
