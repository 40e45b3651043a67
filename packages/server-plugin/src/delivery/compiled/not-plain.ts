/**
 * Thrown where a value is no plain case: the run is given up, and graphql does it.
 *
 * One for all, without a stack: it is no error, and nobody reads it.
 */
const NOT_PLAIN: Error = createNotPlain();

/** Leaves the compiled way. */
export function notPlain(): never {
  throw NOT_PLAIN;
}

function createNotPlain(): Error {
  const signal = new Error('Left to graphql');
  signal.name = 'NotPlain';
  delete signal.stack;
  return Object.freeze(signal);
}
