/** What the kernel knows of a process. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** `/proc` counts in hundredths of a second on every Linux of today. */
const TICK_US = 10_000;

/**
 * CPU time of a process, user and system, of all its threads.
 *
 * @param {number} pid
 * @returns {number} microseconds
 */
export function cpuUs(pid) {
  try {
    let nanoseconds = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
      nanoseconds += Number(text.slice(0, text.indexOf(' ')));
    }
    return nanoseconds / 1_000;
  } catch {
    // A kernel without schedstat: the same, to 10 ms.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  }
}

/**
 * @param {number} pid
 * @returns {number} kilobytes of resident memory
 */
export function rssKb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
}

/** A process that is profiled is never idle: the profiler itself works on. */
const IDLE_WITHIN_MS = 3_000;

/**
 * Resolves when a process does next to nothing any more: what it put off is done.
 *
 * @param {number} pid
 */
export async function idle(pid) {
  const endsAt = performance.now() + IDLE_WITHIN_MS;
  for (let quiet = 0; quiet < 2 && performance.now() < endsAt; ) {
    const before = cpuUs(pid);
    await sleep(40);
    quiet = cpuUs(pid) - before < 1_500 ? quiet + 1 : 0;
  }
}

/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}
