import { inspect } from 'node:util';

const MAX_TEXT = 600;

/** A value as it stands in a failure's message: on one line, cut when it is long. */
export function show(value: unknown): string {
  return cut(
    inspect(value, {
      depth: 8,
      compact: true,
      breakLength: Number.POSITIVE_INFINITY,
      maxArrayLength: 50,
    }),
  );
}

/** A text that is cut when it is long, and says by how much. */
export function cut(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return `${text.slice(0, MAX_TEXT)}… (${text.length - MAX_TEXT} more characters)`;
}
