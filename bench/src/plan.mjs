/** Which runs are made, in which order. */
import { checksPlan } from './checks.mjs';
import { growthPlan } from './growth.mjs';
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
const QUICK_PEER_PART = 0.8;

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

/** One round of half the work: nobody counts the hundredths of a peer. */
const PEER_PART = 0.5;

/**
 * All there is: what tells most comes first, so that one may stop after the first round.
 *
 * @param {Parameters<typeof fullPlan>[0]} options
 * @returns {PlannedRun[]}
 */
export function wholePlan({ scenarios, servers, rounds }) {
  const pair = servers.filter(isPair);
  const [first, ...rest] = Array.from({ length: rounds }, (_, index) => {
    const taking = index === 0 ? servers : pair;
    const runs = fullPlan({ scenarios, servers: taking, rounds: 1 });
    return runs.map((run) => ({ ...run, round: index + 1 }));
  });
  const measured = first.map((run) =>
    isPair(run.server) ? run : { ...run, scenario: scaled(run.scenario, PEER_PART) },
  );
  return [...measured, ...checksPlan({ round: 1 }), ...growthPlan(1), ...rest.flat()];
}

function isPair({ name }) {
  return name === BASE || name === OURS;
}

/**
 * How long it takes, within a third or so.
 *
 * @param {readonly PlannedRun[]} plan
 * @returns {number} seconds
 */
export function estimateSeconds(plan) {
  return plan.reduce((total, { server, scenario }) => total + secondsOf(server, scenario), 0);
}

/** Two processes start, connections are opened; slow servers do less, and take as long. */
function secondsOf({ part }, { kind, connections, subscriptions = connections, ...work }) {
  const { warmUp, windows, messages, groups, queries } = work;
  const before = 1.5 + (connections / part) * 0.5e-3 + subscriptions * 0.1e-3;
  if (kind === 'queries') return before + ((warmUp + windows * queries) / part) * 40e-6;
  if (kind !== 'fan-out') return before + (warmUp / part) * 0.5e-3;
  const perDelivery = work.textBytes > 4_000 || work.runsAhead ? 50e-6 : 30e-6 / work.perTurn;
  const deliveries = ((warmUp + windows * messages) * subscriptions) / groups;
  return before + (deliveries / part) * perDelivery;
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
  const pair = servers.filter(isPair);
  const runs = fullPlan({ scenarios: quick, servers: pair, rounds }).filter(
    // Memory is the same each time.
    ({ round, scenario }) => round === 1 || scenario.kind !== 'memory',
  );
  runs.push(...checksPlan({ round: 1, isBrief: true }));
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
