import { isAbsent, isJsonObject } from './field-checks.ts';
import { readErrors } from './formatted-errors.ts';
import type { JsonObject, ResultPayload } from './messages.ts';
import type { Violation } from './violation.ts';

/** How much of a frame its violation repeats: never more than fits into a close reason. */
const QUOTED_CHARACTERS = 30;

/**
 * Reads one frame of a server. Total: it never throws.
 *
 * One sentence for all that can be wrong: browsers carry this code, and only the author of a server
 * reads it.
 *
 * @param read - gives the message, or nothing when something about it is wrong
 */
export function readServerFrame<Message>(
  frame: unknown,
  read: (message: JsonObject) => Message | false | undefined,
): Message | Violation {
  try {
    const value: unknown = typeof frame === 'string' && JSON.parse(frame);
    const message = isJsonObject(value) && read(value);
    if (message) return message;
  } catch {
    // No JSON: answered as everything else that can't be read.
  }
  const quoted = typeof frame === 'string' ? frame.slice(0, QUOTED_CHARACTERS) : typeof frame;
  const reason = `Unreadable message: ${quoted}`;
  return { type: 'violation', answer: 'close', code: 4400, reason };
}

/** A message of nothing but an optional payload; null counts as none. */
export function readBare<Type extends string>(
  type: Type,
  payload: unknown,
): { readonly type: Type; readonly payload?: JsonObject } | undefined {
  if (isAbsent(payload)) return { type };
  return isJsonObject(payload) ? { type, payload } : undefined;
}

/**
 * Checks the result that a server sends.
 *
 * @returns the result without unknown members, without `errors` when there are none, or nothing
 *   when something is wrong with it
 */
export function readResult(payload: unknown): ResultPayload | undefined {
  if (!isJsonObject(payload)) return undefined;
  const { data, extensions } = payload;
  const errors = readErrors(payload['errors']);
  // Servers in the wild write null, and empty lists, for what is not there.
  if (!errors && JSON.stringify(payload['errors'] ?? []) !== '[]') return undefined;
  const hasExtensions = isJsonObject(extensions);
  if (!hasExtensions && !isAbsent(extensions)) return undefined;
  return {
    ...(data !== undefined && { data }),
    ...(errors && { errors }),
    ...(hasExtensions && { extensions }),
  };
}
