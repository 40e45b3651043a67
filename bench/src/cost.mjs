/**
 * What a server costs beside raw, in seconds instead of minutes: so that the test suite can refuse
 * what makes ours dearer.
 *
 * Both servers live at the same time, and windows of work alternate between them. Whatever else the
 * machine does can only add to a window, so the least of several is what the work costs.
 */
import { Bench } from './bench.mjs';
import { Pair } from './pair.mjs';
import { BASE, peers } from './peers.mjs';

/** Of the windows of a scenario. */
const ROUNDS = 5;
const STALL_MS = 20_000;

/** @type {readonly import('./scenarios.mjs').Scenario[]} */
const scenarios = [
  small('A', { connections: 200, groups: 1, messages: 50, warmUp: 100, runsAhead: false }),
  small('B', { connections: 200, groups: 200, messages: 2_000, warmUp: 6_000, perTurn: 20 }),
  small('D', { kind: 'queries', connections: 20, queries: 2_000, warmUp: 6_000 }),
  small('E', { kind: 'connects', connections: 80, groups: 10, warmUp: 320 }),
];

/**
 * The most that ours may cost, as ratios to raw: about one and a half times what it costs at these
 * sizes today. A busy machine moves a ratio by a fifth; what a careless change costs is more.
 *
 * @type {Readonly<Record<string, number>>}
 */
export const costLimits = { A: 1.3, B: 2.3, D: 1.5, E: 2.6 };

/** @returns {import('./scenarios.mjs').Scenario} */
function small(id, differences) {
  return {
    id,
    title: '',
    kind: 'fan-out',
    perTurn: 1,
    runsAhead: true,
    textBytes: 100,
    windows: ROUNDS,
    quick: 1,
    goals: [],
    ...differences,
  };
}

/**
 * Measures a server beside raw.
 *
 * @param {import('./peers.mjs').Peer} server
 * @param {number} [rounds] - fewer tell less exactly
 * @returns {Promise<Record<string, number>>} by scenario: CPU of the server for each of raw
 */
export async function costRatios(server, rounds = ROUNDS) {
  const ratios = {};
  for (const scenario of scenarios)
    ratios[scenario.id] = await costRatio({ server, scenario, rounds });
  return ratios;
}

/**
 * @param {Readonly<Record<string, number>>} ratios
 * @returns {string[]} a line for each that is over its limit
 */
export function overLimits(ratios) {
  return Object.entries(costLimits).flatMap(([id, atMost]) =>
    ratios[id] <= atMost
      ? []
      : [`${id} costs ${ratios[id]?.toFixed(2)} times what raw costs; allowed are ${atMost} times`],
  );
}

async function costRatio({ server, scenario, rounds }) {
  const raw = peers.find(({ name }) => name === BASE);
  const pairs = [raw, server].map((each) => new Pair({ server: each, isPinned: false }));
  try {
    await Promise.all(pairs.map((pair) => pair.ready()));
    const benches = pairs.map((pair) => new Bench({ pair, scenario, stallMs: STALL_MS }));
    for (const bench of benches) await bench.prepare();
    const least = benches.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, bench] of benches.entries()) {
        least[index] = Math.min(least[index], (await bench.window()).cpu);
      }
    }
    return least[1] / least[0];
  } finally {
    await Promise.all(pairs.map((pair) => pair.stop()));
  }
}
