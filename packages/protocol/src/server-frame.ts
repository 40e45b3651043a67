import { isJsonObject } from './field-checks.ts';
import { areErrors } from './formatted-errors.ts';
import type { ResultPayload } from './messages.ts';
import type { Violation } from './violation.ts';

/** What a server's message is asked for. Nothing is checked yet: any JSON may stand anywhere. */
export interface UncheckedMessage {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly payload?: UncheckedPayload | null;
}

/** What its payload is asked for. */
export type UncheckedPayload = {
  errors?: { readonly length?: unknown } | null;
  extensions?: unknown;
  readonly message?: unknown;
};

/** What a failed check gives. */
export type Falsy = false | null | undefined | '' | 0;

/**
 * Reads one frame of a server. Total: it never throws.
 *
 * One sentence for all that can be wrong: browsers carry this code, and only the author of a server
 * reads it.
 *
 * @param read - gives the message, or something else when anything about it is wrong
 */
export function readServerFrame<Message extends object>(
  frame: unknown,
  read: (message: UncheckedMessage) => Message | Falsy,
): Message | Violation {
  // What is no text is read as the name of its kind, which is no JSON either.
  const text = typeof frame === 'string' ? frame : typeof frame;
  let message: Message | Falsy;
  try {
    message = read(JSON.parse(text));
  } catch {
    // No JSON, or null: answered as everything else that can't be read.
  }
  return (
    message || {
      type: 'violation',
      answer: 'close',
      code: 4400,
      reason: `Unreadable message: ${text.slice(0, 30)}`,
    }
  );
}

/**
 * Whether a payload is a result.
 *
 * Takes out of it what servers in the wild write for what is not there: null, and empty lists.
 */
export function isResult(payload: UncheckedPayload): payload is UncheckedPayload & ResultPayload {
  const { errors, extensions } = payload;
  if (!errors?.length) delete payload.errors;
  if (!extensions) delete payload.extensions;
  return isJsonObject(payload) && isJsonObject(extensions ?? {}) && areErrors(errors ?? []);
}
