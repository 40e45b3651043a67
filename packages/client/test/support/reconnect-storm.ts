import { restartReason } from '../../../server-plugin/src/connection/restart-reason.ts';
import { ReturnSlots } from '../../../server-plugin/src/connection/return-slots.ts';
import { floorMs, randomDelayMs } from '../../src/back-off.ts';
import { countWindows } from './dial-windows.ts';
import { type Random, seeded } from './seeded.ts';

/** How the server goes: it closes its clients with a reason, or dies without a word. */
export type Departure = 'restart' | 'kill';

/** A server that goes away, and how long. */
export interface Absence {
  readonly departure: Departure;
  /** From its last close on. */
  readonly awayMs: number;
}

/** When clients dialled, in milliseconds since the server began to go. */
export interface Storm {
  readonly dials: readonly number[];
  /** Those that the server was back for. */
  readonly reached: readonly number[];
}

/** All that are looked at. */
export const absences: readonly Absence[] = (['restart', 'kill'] as const).flatMap((departure) =>
  [500, 2_000, 5_000].map((awayMs) => ({ departure, awayMs })),
);

/** How far apart a server that restarts closes its clients, when they are no more than `drainMs`. */
const CLOSE_EVERY_MS = 1;

/** A storm on paper, by the client's own waits and those that the server names. */
export function simulateStorm(absence: Absence, clients: number, seed: number): Storm {
  return withRandom(seeded(seed), () => {
    const storm = { dials: [] as number[], reached: [] as number[] };
    const backMs = goneMs(absence, clients) + absence.awayMs;
    const slots = new ReturnSlots();
    for (let client = 0; client < clients; client += 1) {
      const dials = dialsOf(client, slots.take().retryAfterMs, clients, absence);
      storm.dials.push(...dials);
      storm.reached.push(...dials.filter((atMs) => atMs >= backMs));
    }
    return storm;
  });
}

/** How many dials of each kind to expect in each 100 ms: the mean of many storms. */
export function expectStorm(
  absence: Absence,
  clients: number,
  storms: number,
): { readonly [Kind in keyof Storm]: readonly number[] } {
  const all = Array.from({ length: storms }, (_, seed) => simulateStorm(absence, clients, seed));
  const mean = (kind: keyof Storm): readonly number[] =>
    countWindows(all.flatMap((storm) => storm[kind])).map((count) => count / storms);
  return { dials: mean('dials'), reached: mean('reached') };
}

/** When the last client is closed. */
function goneMs({ departure }: Absence, clients: number): number {
  return departure === 'kill' ? 0 : clients * CLOSE_EVERY_MS;
}

/**
 * When one client dials, until the server is back.
 *
 * @param toldMs - what it was told when it subscribed, for the case that the server dies
 */
function dialsOf(
  client: number,
  toldMs: number,
  clients: number,
  absence: Absence,
): readonly number[] {
  const dials: number[] = [];
  const isRestart = absence.departure === 'restart';
  const goneAtMs = goneMs(absence, clients);
  const floor = (): number => floorMs(restartReason(clients));
  let atMs = isRestart ? client * CLOSE_EVERY_MS + floor() : toldMs;
  for (let attempt = 1; ; attempt += 1) {
    atMs += randomDelayMs(attempt);
    dials.push(atMs);
    if (atMs >= goneAtMs + absence.awayMs) return dials;
    // As long as it closes others it turns away who comes, and names a wait.
    if (atMs < goneAtMs) atMs += floor();
  }
}

function withRandom<T>(random: Random, run: () => T): T {
  const original = Math.random;
  Math.random = random;
  try {
    return run();
  } finally {
    Math.random = original;
  }
}
