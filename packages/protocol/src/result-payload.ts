import { isAbsent, isJsonObject, wrongField } from './field-checks.ts';
import { readErrors } from './formatted-errors.ts';
import type { ResultPayload } from './messages.ts';

/**
 * Checks the result that a server sends.
 *
 * @param type - the type of the message, for the sentence
 * @returns the result without unknown members, without `errors` when there are none, or the
 *   sentence that says what is wrong
 */
export function readResultPayload(type: string, payload: unknown): ResultPayload | string {
  if (!isJsonObject(payload)) return wrongField(type, 'payload', 'an object', payload);
  const { data, extensions } = payload;

  const hasErrors = !isAbsent(payload['errors']) && !isEmpty(payload['errors']);
  const errors = readErrors(payload['errors']);
  if (hasErrors && errors === undefined) {
    return wrongField(type, 'payload.errors', 'an array of GraphQL errors', payload['errors']);
  }
  if (!isAbsent(extensions) && !isJsonObject(extensions)) {
    return wrongField(type, 'payload.extensions', 'an object', extensions);
  }

  return {
    ...(data !== undefined && { data }),
    ...(errors && { errors }),
    ...(!isAbsent(extensions) && { extensions }),
  };
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
