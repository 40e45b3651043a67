/**
 * What is checked of ours under load, beside what every run checks: that each subscriber hears every
 * message once and in order, or is told what was dropped, whatever the subprotocol, the order of
 * operations, and other clients that don't read.
 */
import { align } from './align.mjs';
import { OURS } from './peers.mjs';

/** @type {readonly import('./peers.mjs').Peer[]} */
export const checkedServers = [
  server('ours', OURS, 'modern'),
  server('ours-legacy', OURS, 'legacy'),
  server('ours-strict', 'ours-strict', 'modern'),
  server('ours-strict-legacy', 'ours-strict', 'legacy'),
];

/**
 * With what is on its way in the system, some 4 MB, a client that reads nothing of 8 kB messages has the server
 * queue them: 900 are kept, of 2,200 the oldest are dropped.
 *
 * @typedef {import('./scenarios.mjs').Scenario & { brief?: Partial<import('./scenarios.mjs').Scenario> }} Check - `brief` makes it small; without it only a full run has it
 *
 * @type {readonly Check[]}
 */
export const checks = [
  check('order', '1,000 subscribers of 50 groups, sent faster than it can be delivered', {
    connections: 1_000,
    groups: 50,
    messages: 2_000,
    perTurn: 20,
    runsAhead: true,
    brief: { connections: 200, messages: 1_000 },
  }),
  check('slow readers', 'as A, 50 of 1,000 clients read nothing meanwhile', {
    connections: 1_000,
    messages: 200,
    pausing: 50,
    brief: { connections: 200, pausing: 20, messages: 100 },
  }),
  check('slow readers, queued', '4 of 40 clients read nothing of 900 messages of 8 kB', {
    connections: 40,
    groups: 2,
    messages: 1_800,
    perTurn: 2,
    textBytes: 8_000,
    pausing: 4,
  }),
  check('slow readers, dropped', '2 of 20 clients read nothing of 2,200 messages of 8 kB', {
    connections: 20,
    messages: 2_200,
    textBytes: 8_000,
    pausing: 2,
    gaps: true,
    brief: { connections: 6 },
  }),
];

/** @returns {import('./peers.mjs').Peer} */
function server(name, module, dialect) {
  return { name, module, dialect, part: 1, note: '' };
}

/** @returns {Check} */
function check(id, title, { brief, ...differences }) {
  return {
    brief,
    id,
    title,
    kind: 'fan-out',
    groups: 1,
    warmUp: differences.groups ?? 1,
    perTurn: 1,
    runsAhead: false,
    textBytes: 100,
    windows: 1,
    quick: 1,
    goals: [],
    ...differences,
  };
}

/**
 * @param {object} options
 * @param {number} options.round
 * @param {boolean} [options.isBrief]
 * @returns {import('./plan.mjs').PlannedRun[]}
 */
export function checksPlan({ round, isBrief = false }) {
  return checks.flatMap((each) => {
    if (isBrief && each.brief === undefined) return [];
    const scenario = isBrief ? { ...each, ...each.brief } : each;
    return checkedServers.map((server) => ({ round, server, scenario }));
  });
}

/**
 * @param {import('./results.mjs').Results} results
 * @returns {string} Markdown, a row for each check
 */
export function checksTable(results) {
  const rows = checks.map(({ id, title }) => [
    id,
    ...checkedServers.map(({ name }) => cell(results, name, id)),
    title,
  ]);
  const header = ['check', ...checkedServers.map(({ name }) => name), 'what'];
  return align([header, ...rows]);
}

function cell(results, server, id) {
  const runs = results.all(server, id);
  if (runs.length === 0) return '–';
  if (runs.some(({ outcome }) => outcome.void !== undefined)) return 'VOID';
  const sum = (name) => runs.reduce((total, { outcome }) => total + outcome[name], 0);
  const told = sum('told');
  const delivered = sum('delivered').toLocaleString('en-US');
  return told === 0 ? delivered : `${delivered}, and ${told.toLocaleString('en-US')} told`;
}
