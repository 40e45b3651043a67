/** The longest wait after the first failures in a row, in milliseconds. */
const LONGEST_MS = [1_000, 8_000];

/** The longest wait after all further ones. */
const LONGEST_LATER_MS = 30_000;

/** The longest floor that a server may ask for: an hour. */
const LONGEST_FLOOR_MS = 3_600_000;

/**
 * A random wait before the next dial: anything up to 1 s, then up to 8 s, then up to 30 s.
 *
 * Random from zero on ("full jitter"), so that clients who lost one server do not come back to it
 * in one moment.
 *
 * @param attempt - failures in a row, from 1
 */
export function randomDelayMs(attempt: number): number {
  return Math.random() * (LONGEST_MS[attempt - 1] ?? LONGEST_LATER_MS);
}

/** The milliseconds that a close reason asks to wait at least, by `retry-after=<seconds>` in it. */
export function floorMs(reason: string): number {
  const seconds = /retry-after=(\d+\.?\d*)/.exec(reason)?.[1] ?? 0;
  return Math.min(+seconds * 1_000, LONGEST_FLOOR_MS);
}

/** The milliseconds that a server has asked to wait; none when it is nothing that can be waited. */
export function waitMs(asked: unknown): number {
  return typeof asked === 'number' && asked >= 0 && asked <= LONGEST_FLOOR_MS ? asked : 0;
}
