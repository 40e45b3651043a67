import { fileURLToPath } from 'node:url';
import { align } from './align.mjs';
import { BASE, OURS } from './peers.mjs';

const ROOT = new URL('../..', import.meta.url);

/**
 * The table: a row for each goal, ours first, then everyone's ratio to raw.
 *
 * @param {import('./results.mjs').Results} results
 * @param {readonly import('./scenarios.mjs').Scenario[]} scenarios
 * @param {readonly import('./peers.mjs').Peer[]} servers
 * @returns {string} Markdown, aligned so that a terminal shows it too
 */
export function mainTable(results, scenarios, servers) {
  const others = servers.map(({ name }) => name).filter((name) => name !== OURS && name !== BASE);
  const header = ['row', 'goal', 'ours', 'spread', '', 'raw', ...others];
  const rows = scenarios.flatMap((scenario) =>
    scenario.goals.map((goal) => {
      const ours = results.cell(OURS, scenario.id, goal.figure);
      return [
        goal.row,
        `≤ ${amount(goal.atMost, goal)}`,
        value(ours, goal),
        ours === undefined ? '' : `${ours.low.toFixed(2)}–${ours.high.toFixed(2)}`,
        verdict(results, scenario, goal),
        base(results.cell(BASE, scenario.id, goal.figure), goal),
        ...others.map((name) => value(results.cell(name, scenario.id, goal.figure), goal)),
      ];
    }),
  );
  return align([header, ...rows]);
}

/**
 * Everything that was measured, in microseconds and kilobytes.
 *
 * @param {Parameters<typeof mainTable>} args
 */
export function detailTables(...[results, scenarios, servers]) {
  return scenarios.flatMap((scenario) =>
    scenario.goals.map((goal) => {
      const isCpu = goal.figure === 'cpu';
      const header = isCpu
        ? ['server', 'µs', 'ratio', 'spread', 'per second', 'runs']
        : ['server', 'kB', 'spread', 'runs'];
      const rows = servers.flatMap(({ name }) => {
        const cell = results.cell(name, scenario.id, goal.figure);
        if (cell === undefined) return [];
        const spread = `${cell.low.toFixed(2)}–${cell.high.toFixed(2)}`;
        const figure = cell.figure.toFixed(isCpu ? 1 : 2);
        const ratio = [cell.value.toFixed(2), spread, String(Math.round(cell.perSecond ?? 0))];
        return [[name, figure, ...(isCpu ? ratio : [spread]), String(cell.runs)]];
      });
      const unit = isCpu ? `µs per ${goal.unit}` : goal.unit;
      return `${goal.row}: ${scenario.title}. In ${unit}:\n\n${align([header, ...rows])}`;
    }),
  );
}

/** @param {import('./results.mjs').Results} results */
export function voidLines(results) {
  return results.voids.map(
    ({ scenario, server, round, outcome }) =>
      `VOID ${scenario} ${server}, round ${round}: ${firstLine(outcome.void)}`,
  );
}

/** Without the folder that this happens to be in. */
function firstLine(text) {
  return text.split('\n')[0].replaceAll(fileURLToPath(ROOT), '');
}

function verdict(results, scenario, goal) {
  const isMissed = results.misses(scenario, goal);
  if (isMissed !== undefined) return isMissed ? 'MISSES' : 'ok';
  const isVoid = results.voids.some((run) => run.server === OURS && run.scenario === scenario.id);
  return isVoid ? 'VOID' : '–';
}

function amount(number, goal) {
  return goal.figure === 'cpu' ? `${number.toFixed(2)}x` : `${number.toFixed(1)} kB`;
}

function value(cell, goal) {
  return cell === undefined ? '–' : amount(cell.value, goal);
}

/** Raw is one by definition: its microseconds say more. */
function base(cell, goal) {
  if (cell === undefined) return '–';
  return goal.figure === 'cpu' ? `${cell.figure.toFixed(1)} µs` : amount(cell.value, goal);
}
