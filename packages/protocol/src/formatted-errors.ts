import type { FormattedError } from './messages.ts';

/** Whether a value from `JSON.parse` is an error: it has a message, and nothing else is checked. */
export const isError = (value?: { readonly message?: unknown } | null): value is FormattedError =>
  typeof value?.message === 'string';

/** Whether a value from `JSON.parse` is a list of errors; it may be empty. */
export const areErrors = (value: unknown): value is readonly FormattedError[] =>
  Array.isArray(value) && value.every(isError);
