/** What `publish` (and `initial`) return to send nothing for this payload. */
export const SKIP: unique symbol = Symbol('groupcast.skip');
