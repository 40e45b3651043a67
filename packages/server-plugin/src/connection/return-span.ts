/**
 * How much time each client adds to that over which all of them come back to a server that was
 * away: of 500 hardly ever more than 5 % dial in one tenth of a second, second dials in vain
 * included. With less than 18 that is not so where the server dies and is away for 5 seconds.
 *
 * @see scripts/reconnect-storm.mjs, which counts that
 */
export const MS_PER_CLIENT = 20;

/** The longest that a client is asked to wait. */
export const MAX_FLOOR_MS = 10_000;

/** A shorter wait is not worth a word. */
export const MIN_FLOOR_MS = 100;
