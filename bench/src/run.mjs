/** One run: one server, one scenario, fresh processes. */

import { Bench } from './bench.mjs';
import { median } from './measure.mjs';
import { Pair } from './pair.mjs';

const STALL_MS = 5_000;

/**
 * What came of a run.
 *
 * @typedef {object} Outcome
 * @property {string} [void] - why it does not count
 * @property {number} [cpu] - microseconds of the server's CPU per delivery, query or connection
 * @property {number} [perSecond] - of those
 * @property {number} [rssKb] - per idle connection
 * @property {number} [liveKb] - per idle subscription
 * @property {number} [delivered] - messages that were checked
 * @property {number} [told] - messages that the server dropped and said so
 */

/**
 * Runs a scenario against a server. Never rejects: a server that fails makes the run void.
 *
 * @param {object} options
 * @param {import('./peers.mjs').Peer} options.server
 * @param {import('./scenarios.mjs').Scenario} options.scenario
 * @param {boolean} options.isPinned - to cores
 * @param {string} [options.profileFile] - where to write a CPU profile of the first window
 * @param {number} [options.stallMs] - how long nothing may come before the rest counts as lost
 * @returns {Promise<Outcome>}
 */
export async function run({ server, scenario, isPinned, profileFile, stallMs = STALL_MS }) {
  const pair = new Pair({ server, isPinned });
  try {
    await pair.ready();
    const bench = new Bench({ pair, scenario, stallMs });
    const figures =
      scenario.kind === 'memory'
        ? await bench.memory()
        : await windows({ bench, pair, scenario, profileFile });
    const counts = await pair.load.order('counts');
    const faults = describeFaults(counts, scenario);
    if (faults !== undefined) return { void: faults };
    return { ...figures, delivered: counts.delivered, told: counts.told };
  } catch (error) {
    const faults = await pair.load.order('counts').then(describeFaults, () => undefined);
    return { void: faults === undefined ? error.message : `${error.message}; ${faults}` };
  } finally {
    await pair.stop();
  }
}

/** Measures the same work several times; what one does costs is the median's. */
async function windows({ bench, pair, scenario, profileFile }) {
  await bench.prepare();
  const measured = [];
  for (let window = 0; window < scenario.windows; window += 1) {
    const isProfiled = window === 0 && profileFile !== undefined;
    if (isProfiled) await pair.server.order('startProfile');
    measured.push(await bench.window());
    if (isProfiled) await pair.server.order('stopProfile', { file: profileFile });
  }
  await bench.finish();
  return {
    cpu: median(measured.map(({ cpu }) => cpu)),
    perSecond: median(measured.map(({ perSecond }) => perSecond)),
  };
}

/** @returns {string | undefined} */
function describeFaults(counts, { gaps } = {}) {
  const found = ['lost', 'reordered', 'repeated', 'unexpected', 'gone']
    .filter((kind) => counts[kind] !== 0)
    .map((kind) => `${counts[kind]} ${kind === 'gone' ? 'connections gone' : kind}`);
  // A check that finds nothing to check.
  if (gaps && counts.told === 0) found.push('nothing dropped and told');
  if (found.length === 0) return undefined;
  const example = counts.firstUnexpected === undefined ? '' : `: ${counts.firstUnexpected}`;
  return found.join(', ') + example;
}
