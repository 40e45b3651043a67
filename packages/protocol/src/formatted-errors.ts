import { isJsonObject } from './field-checks.ts';
import type { FormattedError } from './messages.ts';

type Locations = NonNullable<FormattedError['locations']>;
type Path = NonNullable<FormattedError['path']>;

/** Checks a list of GraphQL errors; undefined unless it has members and each is an error. */
export function readErrors(value: unknown): readonly FormattedError[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const errors = value.map(readError).filter((error) => error !== undefined);
  return errors.length > 0 && errors.length === value.length ? errors : undefined;
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
  return isList(value, (each) => isJsonObject(each) && isNumber(each['line'], each['column']));
}

function isPath(value: unknown): value is Path {
  return isList(value, (key) => typeof key === 'string' || isNumber(key));
}

function isList(value: unknown, isMember: (member: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isMember);
}

function isNumber(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'number');
}
