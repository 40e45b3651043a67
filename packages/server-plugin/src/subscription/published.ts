/** What a call of `publish` has come to: a value that is no promise, or a throw. */
export type Published = { readonly value: unknown } | { readonly error: unknown };

/** What the next call of a definition's resolver answers with, in place of calling `publish`. */
let announced: Published | undefined;

/**
 * Runs an execution whose root field is a definition's: when `publish` was called for it before, the
 * resolver answers with what that gave.
 *
 * Executors call the resolver of the one root field before they return, so what is announced is for it.
 */
export function withPublished<R>(published: Published | undefined, execute: () => R): R {
  const outer = announced;
  announced = published;
  try {
    return execute();
  } finally {
    announced = outer;
  }
}

/** What was announced, once. */
export function takePublished(): Published | undefined {
  const published = announced;
  announced = undefined;
  return published;
}
