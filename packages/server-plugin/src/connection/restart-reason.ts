import { MAX_FLOOR_MS, MIN_FLOOR_MS, MS_PER_CLIENT } from './return-span.ts';

/** The reason of a close for a restart: clients connect again by themselves. */
const RESTART_REASON = 'Server restarts, connect again';

/**
 * The reason of a close for a restart, with a random wait for each client when they are many, or
 * all of them would come back in one moment. Not by their slots: here it is known how many they
 * are, and who is turned away has none.
 *
 * @param clients - how many are to come back
 */
export function restartReason(clients: number): string {
  const floorMs = Math.random() * Math.min(MAX_FLOOR_MS, MS_PER_CLIENT * clients);
  if (floorMs < MIN_FLOOR_MS) return RESTART_REASON;
  return `${RESTART_REASON}; retry-after=${(floorMs / 1_000).toFixed(2)}`;
}
