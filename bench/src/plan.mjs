/** Which runs are made, in which order. */
import { BASE, OURS, takesPart } from './peers.mjs';
import { scaled } from './scenarios.mjs';

/**
 * @typedef {object} PlannedRun
 * @property {number} round
 * @property {import('./peers.mjs').Peer} server
 * @property {import('./scenarios.mjs').Scenario} scenario - of the size this run has
 */

/** `--quick`: after the rounds of ours and raw, one of the peers whom people ask about. */
const QUICK_PEERS = ['ours-legacy', 'mercurius', 'graphql-ws', 'socket.io', 'yoga', 'stws'];
const QUICK_SCENARIOS = ['A', 'D', 'E', 'B'];
const QUICK_PEER_PART = 0.5;

/**
 * Rounds in which each server runs each scenario once, shuffled: what disturbs the machine for a
 * while disturbs all alike.
 *
 * @param {object} options
 * @param {readonly import('./scenarios.mjs').Scenario[]} options.scenarios
 * @param {readonly import('./peers.mjs').Peer[]} options.servers
 * @param {number} options.rounds
 * @returns {PlannedRun[]}
 */
export function fullPlan({ scenarios, servers, rounds }) {
  const runs = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const scenario of shuffled(scenarios)) {
      for (const server of shuffled(servers.filter((each) => takesPart(each, scenario)))) {
        runs.push({ round, server, scenario: scaled(scenario, server.part) });
      }
    }
  }
  return runs;
}

/**
 * Rounds of ours and raw, then one of some peers, the most telling first: whoever runs it stops when
 * its time is over.
 *
 * @param {Parameters<typeof fullPlan>[0]} options
 * @returns {PlannedRun[]}
 */
export function quickPlan({ scenarios, servers, rounds }) {
  const quick = scenarios.map((scenario) => scaled(scenario, scenario.quick));
  const pair = servers.filter(({ name }) => name === BASE || name === OURS);
  const runs = fullPlan({ scenarios: quick, servers: pair, rounds });
  const others = servers.filter((server) => !pair.includes(server));
  const order = (server) => {
    const index = QUICK_PEERS.indexOf(server.name);
    return index === -1 ? QUICK_PEERS.length : index;
  };
  others.sort((a, b) => order(a) - order(b));
  for (const id of [...QUICK_SCENARIOS, ...quick.map((scenario) => scenario.id)]) {
    const scenario = quick.find((each) => each.id === id);
    if (scenario === undefined) continue;
    for (const server of others) {
      if (!takesPart(server, scenario) || runs.some((run) => isSame(run, server, id))) continue;
      const part = server.part * QUICK_PEER_PART;
      runs.push({ round: rounds + 1, server, scenario: scaled(scenario, part) });
    }
  }
  return runs;
}

function isSame(run, server, id) {
  return run.server === server && run.scenario.id === id;
}

function shuffled(items) {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}
