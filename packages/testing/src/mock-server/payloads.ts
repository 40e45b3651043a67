import type { FormattedError, JsonObject, ResultPayload } from '@groupcast/protocol';

import { show } from '../show.ts';

/**
 * Makes a result as servers send it of one that a test gives.
 *
 * @throws TypeError when it is none: clients would close the connection, or hear nothing
 */
export function toResult(value: unknown): ResultPayload {
  const { data, errors = [], extensions }: ResultPayload = Object(value);
  const isListed = Array.isArray(errors);
  if (!isListed || (data === undefined && errors.length === 0)) {
    throw new TypeError(`A result must have "data", "errors" or both, got ${show(value)}`);
  }
  return {
    ...(data !== undefined && { data }),
    ...(errors.length > 0 && { errors: errors.map(toFormattedError) }),
    ...(extensions !== undefined && { extensions }),
  };
}

/** Makes the payload of an `error` message. @throws TypeError when there are no errors */
export function toErrors(value: unknown): readonly FormattedError[] {
  if (Array.isArray(value) && value.length > 0) return value.map(toFormattedError);
  throw new TypeError(
    `An operation fails with a list of one error or more, got ${value instanceof Error ? value : show(value)}`,
  );
}

/** Makes an error as servers send it of whatever was thrown. */
export function toFormattedError(error: unknown): FormattedError {
  if (typeof error === 'string') return { message: error };
  if (!(error instanceof Error)) return isFormatted(error) ? error : { message: show(error) };
  const message = String(error.message);
  // By its name, since there may be several copies of graphql. Errors of Node have a `path` too.
  if (error.name !== 'GraphQLError') return { message };
  const { locations, path, extensions }: Partial<FormattedError> = error;
  return {
    message,
    ...(locations && { locations }),
    ...(path && { path }),
    ...(isFilled(extensions) && { extensions }),
  };
}

function isFormatted(value: unknown): value is FormattedError {
  return typeof Object(value).message === 'string';
}

function isFilled(extensions: JsonObject | undefined): boolean {
  return Object.keys(extensions ?? {}).length > 0;
}
