const WINDOW_MS = 100;

/** So many in a second are still worth a line. */
const FEW = 20;

/** How many times there are in each 100 ms, from 0 on. */
export function countWindows(times: readonly number[]): readonly number[] {
  const counts: number[] = [];
  for (const time of times) {
    const index = Math.floor(time / WINDOW_MS);
    while (counts.length <= index) counts.push(0);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

/** The most in any 100 ms. */
export function worstWindow(times: readonly number[]): number {
  return Math.max(0, ...countWindows(times));
}

/** A histogram: a line for each second, ten counts in it. The last seconds, with few, are one line. */
export function drawWindows(times: readonly number[]): string {
  const counts = countWindows(times);
  const seconds: (readonly number[])[] = [];
  for (let first = 0; first < counts.length; first += 10) {
    seconds.push(counts.slice(first, first + 10));
  }
  const shown = seconds.slice(0, 1 + seconds.findLastIndex((second) => sum(second) >= FEW));
  const lines = shown.map((second, index) => {
    return `${index} s`.padStart(6) + second.map((count) => `${count}`.padStart(4)).join('');
  });
  const later = counts.slice(10 * shown.length);
  if (later.length > 0) {
    lines.push(` later   ${sum(later)} in ${later.length / 10} s, at most ${Math.max(...later)}`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * How likely it is at most that any 100 ms has more than `limit` of `clients` who act on their own.
 *
 * @param expected - how many to expect in each 100 ms
 */
export function chanceOfMore(expected: readonly number[], clients: number, limit: number): number {
  const chances = expected.map((count) => binomialTail(clients, count / clients, limit));
  return Math.min(1, sum(chances));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** How likely more than `limit` of `trials` come true. */
function binomialTail(trials: number, chance: number, limit: number): number {
  if (chance <= 0) return 0;
  let tail = 0;
  let logWays = 0;
  for (let count = 0; count <= trials; count += 1) {
    if (count > 0) logWays += Math.log(trials - count + 1) - Math.log(count);
    const log = logWays + count * Math.log(chance) + (trials - count) * Math.log1p(-chance);
    if (count > limit) tail += Math.exp(log);
  }
  return tail;
}
