/**
 * What is measured, and the goals of the row "ours".
 *
 * @typedef {object} Scenario
 * @property {string} id
 * @property {string} title
 * @property {'fan-out' | 'queries' | 'connects' | 'memory'} kind
 * @property {number} connections
 * @property {number} [groups] - connection number n subscribes to group n modulo this
 * @property {number} [messages] - of one window, over all groups
 * @property {number} [warmUp] - messages or queries before the first window
 * @property {number} [perTurn] - messages in one turn of the event loop
 * @property {boolean} [runsAhead] - the next turn follows at once; otherwise when all has arrived, so that
 *   a server that puts off work can't join the messages of several turns in one write
 * @property {number} [textBytes]
 * @property {boolean} [distinct] - each subscriber has other variables
 * @property {number} [fields] - selected of a wide message; absent: the usual message
 * @property {number} [subscriptions] - in all, spread over the connections; absent: one each
 * @property {number} [pausing] - clients that read nothing until all others have got everything
 * @property {boolean} [gaps] - clients ask to be told what is dropped, and something must be
 * @property {number} [queries] - of one window
 * @property {number} windows - measured one after the other in one run; the median counts
 * @property {number} quick - the part of the work that is left by `--quick`
 * @property {readonly Goal[]} goals - a row of the table each
 *
 * @typedef {object} Goal
 * @property {'cpu' | 'rssKb' | 'liveKb'} figure
 * @property {string} row - its name in the table
 * @property {string} unit - what one is
 * @property {number} atMost - for `cpu` as a ratio to raw, else absolute
 */

/** @type {readonly Scenario[]} */
export const scenarios = [
  fanOut('A', '1 group x 1,000 subscribers x 200 messages of 100 B, one per turn', 0.85, {}),
  fanOut('A-ahead', 'as A, sent faster than it can be delivered', 0.85, { runsAhead: true }),
  fanOut('A2', 'as A, 2 kB', 0.75, { textBytes: 2_000 }),
  fanOut('A-burst', 'as A, 10 messages per turn', 0.2, { perTurn: 10, windows: 3 }),
  fanOut('B', '1,000 groups x 1 subscriber, 20,000 messages, 20 per turn', 1.5, {
    groups: 1_000,
    messages: 20_000,
    perTurn: 20,
    runsAhead: true,
    warmUp: 10_000,
    windows: 3,
    quick: 0.5,
  }),
  fanOut('G', 'as A, other variables for each subscriber: nothing to share', 1.5, {
    distinct: true,
    quick: 0.25,
  }),
  {
    id: 'D',
    title: 'closed loop of { hello }, 50 connections',
    kind: 'queries',
    connections: 50,
    queries: 20_000,
    warmUp: 10_000,
    windows: 3,
    quick: 0.5,
    goals: [cpuGoal('D', 'query', 1.5)],
  },
  {
    id: 'E',
    title: '2,000 connect and subscribe, 50 at a time, to 100 groups',
    kind: 'connects',
    connections: 2_000,
    groups: 100,
    warmUp: 1_000,
    windows: 1,
    quick: 0.5,
    goals: [cpuGoal('E', 'connection with a subscription', 1.6)],
  },
  {
    id: 'E-warm',
    title: 'as E, the median of three times one after the other',
    kind: 'connects',
    connections: 2_000,
    groups: 100,
    warmUp: 1_000,
    windows: 3,
    quick: 0.5,
    goals: [cpuGoal('E-warm', 'connection with a subscription', 1.6)],
  },
  {
    id: 'C',
    title: '10,000 idle connections, then a subscription on each, to 100 groups',
    kind: 'memory',
    connections: 10_000,
    groups: 100,
    warmUp: 500,
    windows: 1,
    quick: 0.5,
    goals: [
      { figure: 'rssKb', row: 'C conn', unit: 'kB of RSS per idle connection', atMost: 10 },
      { figure: 'liveKb', row: 'C sub', unit: 'kB of live heap per idle subscription', atMost: 1 },
    ],
  },
];

/** @returns {Goal} */
function cpuGoal(row, unit, atMost) {
  return { figure: 'cpu', row, unit, atMost };
}

/** @returns {Scenario} */
function fanOut(id, title, atMost, differences) {
  return {
    id,
    title,
    kind: 'fan-out',
    connections: 1_000,
    groups: 1,
    messages: 200,
    warmUp: 60,
    perTurn: 1,
    runsAhead: false,
    textBytes: 100,
    windows: 1,
    quick: 0.4,
    goals: [cpuGoal(id, 'delivery', atMost)],
    ...differences,
  };
}

/**
 * The same scenario with a part of its work: what costs one peer a minute tells no more than ten seconds of it.
 *
 * @param {Scenario} scenario
 * @param {number} part
 * @returns {Scenario}
 */
export function scaled(scenario, part) {
  const { kind, groups = 1, perTurn = 1, messages, queries, warmUp = 0, connections } = scenario;
  // Whole turns, and the same for each group.
  const step = Math.max(groups, perTurn);
  const whole = (count) => Math.max(1, Math.round((count * part) / step)) * step;
  if (kind === 'fan-out') return { ...scenario, messages: whole(messages), warmUp: whole(warmUp) };
  if (kind === 'queries') {
    return { ...scenario, queries: Math.ceil(queries * part), warmUp: Math.ceil(warmUp * part) };
  }
  return { ...scenario, connections: Math.ceil(connections * part) };
}
