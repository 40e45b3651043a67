import { expect, test } from 'vitest';
import { costLimits, costRatios, overLimits } from '../bench/src/cost.mjs';
import type { Peer } from '../bench/src/peers.mjs';

/** Each measures eight processes, beside whatever else runs. */
const TIMEOUT_MS = 120_000;

const ours: Peer = { name: 'ours', module: 'ours', dialect: 'modern', part: 1, note: '' };

test(
  'ours costs no more beside raw than it may',
  async () => {
    const ratios = await costRatios(ours);

    expect(overLimits(ratios), JSON.stringify(ratios)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'a server that does more for each delivery, query and connection is refused',
  async () => {
    const module = new URL('../bench/test/slow-server.mjs', import.meta.url).href;

    const ratios = await costRatios({ ...ours, name: 'slow', module }, 2);

    const refused = overLimits(ratios).map((line) => line.split(' ')[0]);
    expect(refused, JSON.stringify(ratios)).toEqual(Object.keys(costLimits));
  },
  TIMEOUT_MS,
);

test('what was not measured is refused', () => {
  expect(overLimits({})).toHaveLength(Object.keys(costLimits).length);
});
