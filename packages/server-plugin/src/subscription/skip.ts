/** What `publish` (and `initial`) return to send nothing for this payload. */
export const SKIP: unique symbol = Symbol('groupcast.skip');

/**
 * How `SKIP` leaves a resolver: as a throw, so that whatever an app wraps around resolvers passes it on.
 *
 * One for all, without a stack: it is no error.
 */
export const SKIP_SIGNAL: Error = createSignal();

function createSignal(): Error {
  const signal = new Error('Nothing is sent for this payload');
  signal.name = 'SkipSignal';
  delete signal.stack;
  return Object.freeze(signal);
}
