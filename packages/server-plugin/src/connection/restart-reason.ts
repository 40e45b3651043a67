/** The reason of a close for a restart: clients connect again by themselves. */
const RESTART_REASON = 'Server restarts, connect again';

/**
 * How much time each client adds to that over which all of them come back: of 500 hardly ever more
 * than 5 % dial in one tenth of a second, second dials in vain included.
 *
 * @see scripts/reconnect-storm.mjs, which counts that
 */
const MS_PER_CLIENT = 20;

const MAX_FLOOR_MS = 10_000;

/** A shorter wait is not worth a word. */
const MIN_FLOOR_MS = 100;

/**
 * The reason of a close for a restart, with a random wait for each client when they are many, or
 * all of them would come back in one moment.
 *
 * @param clients - how many are to come back
 */
export function restartReason(clients: number): string {
  const floorMs = Math.random() * Math.min(MAX_FLOOR_MS, MS_PER_CLIENT * clients);
  if (floorMs < MIN_FLOOR_MS) return RESTART_REASON;
  return `${RESTART_REASON}; retry-after=${(floorMs / 1_000).toFixed(2)}`;
}
