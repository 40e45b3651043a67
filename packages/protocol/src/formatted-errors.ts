import { isJsonObject } from './field-checks.ts';
import type { FormattedError } from './messages.ts';

type Locations = NonNullable<FormattedError['locations']>;
type Path = NonNullable<FormattedError['path']>;

/** Checks a list of GraphQL errors; undefined unless it has members and each is an error. */
export function readErrors(value: unknown): readonly FormattedError[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const errors: FormattedError[] = [];
  for (const member of value) {
    const error = readError(member);
    if (error === undefined) return undefined;
    errors.push(error);
  }
  return errors;
}

/**
 * Checks one GraphQL error; undefined unless it is an object with a message.
 *
 * Other members are left out when they are not what the specification says: a server that writes
 * `path: null` is no reason to lose the message.
 */
export function readError(value: unknown): FormattedError | undefined {
  if (!isJsonObject(value)) return undefined;
  const { message, locations, path, extensions } = value;
  if (typeof message !== 'string') return undefined;
  return {
    message,
    ...(isLocations(locations) && { locations }),
    ...(isPath(path) && { path }),
    ...(isJsonObject(extensions) && { extensions }),
  };
}

function isLocations(value: unknown): value is Locations {
  return (
    Array.isArray(value) &&
    value.every(
      (location) =>
        isJsonObject(location) &&
        typeof location['line'] === 'number' &&
        typeof location['column'] === 'number',
    )
  );
}

function isPath(value: unknown): value is Path {
  return (
    Array.isArray(value) && value.every((key) => typeof key === 'string' || typeof key === 'number')
  );
}
