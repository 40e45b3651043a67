import { setTimeout as wait } from 'node:timers/promises';

/** The numbers from `from` down to 0, one each `intervalMs`. An abort of the signal ends the wait. */
export async function* countdown(
  from: number,
  intervalMs: number,
  signal: AbortSignal,
): AsyncGenerator<number, void> {
  for (let left = from; left > 0; left -= 1) {
    yield left;
    await wait(intervalMs, undefined, { signal });
  }
  yield 0;
}
