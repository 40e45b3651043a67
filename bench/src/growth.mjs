import { BASE, OURS, peers } from './peers.mjs';

/**
 * How the cost of a delivery grows: with subscribers, groups and fields.
 *
 * @typedef {object} Series
 * @property {string} id - also what its chart is called
 * @property {string} title
 * @property {string} unit - of its points
 * @property {readonly number[]} points
 * @property {(point: number) => import('./scenarios.mjs').Scenario} scenario - of a point
 * @property {number} [flatWithin] - claimed: the largest cost is at most so many times the smallest
 */

/** Deliveries of one window, at least. */
const DELIVERIES = 20_000;
const WINDOWS = 3;
/** Wider than the noise of a shared machine, narrower than anything that grows with what is counted. */
const FLAT_WITHIN = 2;

/** @type {readonly Series[]} */
export const series = [
  {
    id: 'subscribers of one group',
    title: 'A connection per subscriber, one message per turn',
    unit: 'subscribers',
    points: [100, 1_000, 10_000],
    flatWithin: FLAT_WITHIN,
    scenario: (connections) => fanOut({ connections, groups: 1, subscriptions: connections }),
  },
  {
    id: 'groups of 10 subscribers',
    title: '1,000 connections, up to 100 subscriptions on each, one message per turn',
    unit: 'groups',
    points: [1, 10, 100, 1_000, 10_000],
    flatWithin: FLAT_WITHIN,
    scenario: (groups) => fanOut({ connections: 1_000, groups, subscriptions: 10 * groups }),
  },
  {
    id: '10,000 subscribers in all',
    title:
      '1,000 connections, 10 subscriptions on each, messages to all groups: in the last row an event of its own for each delivery',
    unit: 'groups',
    points: [1, 10, 100, 1_000, 10_000],
    scenario: (groups) =>
      fanOut({
        connections: 1_000,
        groups,
        subscriptions: 10_000,
        perTurn: Math.min(groups, 1_000),
        runsAhead: true,
      }),
  },
  {
    id: 'fields, one group of 500',
    title: 'The result is shared, one message per turn',
    unit: 'fields',
    points: [1, 10, 50],
    scenario: (fields) => fanOut({ connections: 500, groups: 1, subscriptions: 500, fields }),
  },
  {
    id: 'fields, 500 groups of 1',
    title: 'Nothing to share, 20 messages per turn',
    unit: 'fields',
    points: [1, 10, 50],
    scenario: (fields) =>
      fanOut({
        connections: 500,
        groups: 500,
        subscriptions: 500,
        fields,
        perTurn: 20,
        runsAhead: true,
      }),
  },
];

const servers = peers.filter(({ name }) => name === BASE || name === OURS);

/**
 * Ours beside raw at each point of each series.
 *
 * @param {number} rounds
 * @returns {import('./plan.mjs').PlannedRun[]}
 */
export function growthPlan(rounds) {
  const runs = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const each of series) {
      for (const point of each.points) {
        const scenario = { ...each.scenario(point), id: pointId(each, point) };
        for (const server of servers) runs.push({ round, server, scenario });
      }
    }
  }
  return runs;
}

/**
 * @param {Series} each
 * @param {number} point
 */
export function pointId({ id }, point) {
  return `${id}: ${point.toLocaleString('en-US')}`;
}

/** @returns {import('./scenarios.mjs').Scenario} */
function fanOut({ connections, groups, subscriptions, ...differences }) {
  const audience = subscriptions / groups;
  // As many for each group.
  const messages = Math.max(1, Math.round(DELIVERIES / audience / groups)) * groups;
  return {
    id: '',
    title: '',
    kind: 'fan-out',
    connections,
    groups,
    subscriptions,
    messages,
    warmUp: messages,
    perTurn: 1,
    runsAhead: false,
    windows: WINDOWS,
    quick: 1,
    goals: [],
    ...differences,
  };
}
