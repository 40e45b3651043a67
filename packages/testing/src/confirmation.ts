import type { JsonObject, ResultPayload } from '@groupcast/protocol';

/** The operation's `extensions`, with the wish to be told when the subscription is live. */
export function askForConfirmation(extensions: JsonObject = {}): JsonObject {
  const others = extensions['groupcast'];
  return {
    ...extensions,
    groupcast: { ...(isObject(others) && others), v: 1, confirm: true },
  };
}

/** Is this the result by which the server says that the subscription is live? */
export function isConfirmation({ data, extensions }: ResultPayload): boolean {
  const groupcast = extensions?.['groupcast'];
  return data === null && isObject(groupcast) && groupcast['confirmed'] === true;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}
