/**
 * The value below which this part of all values lies, from how many fell into each bucket.
 *
 * As if the values of a bucket lay evenly between its bounds; of the last bucket, which has no upper
 * bound, its lower one. 0 when there are none.
 */
export function quantile(
  bounds: readonly number[],
  buckets: readonly number[],
  part: number,
): number {
  let before = part * buckets.reduce((total, each) => total + each, 0);
  for (const [index, count] of buckets.entries()) {
    const lower = bounds[index - 1] ?? 0;
    const upper = bounds[index] ?? lower;
    if (count > 0 && before <= count) return lower + (upper - lower) * (before / count);
    before -= count;
  }
  return 0;
}
