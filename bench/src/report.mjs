/** What is said of the results, on the terminal and in RESULTS.md. */
import { checksTable } from './checks.mjs';
import { flatClaims, growthTables } from './growth-table.mjs';
import { describeMachine, describeVersions } from './machine.mjs';
import { peers } from './peers.mjs';
import { scenarios } from './scenarios.mjs';
import { detailTables, mainTable, voidLines } from './table.mjs';

/**
 * The table and what must be said of it.
 *
 * @param {import('./results.mjs').Results} results
 * @param {readonly import('./scenarios.mjs').Scenario[]} chosen
 * @param {readonly import('./peers.mjs').Peer[]} servers
 */
export function summary(results, chosen, servers) {
  const missed = chosen.flatMap((scenario) =>
    scenario.goals.filter((goal) => results.misses(scenario, goal)).map((goal) => goal.row),
  );
  return [
    mainTable(results, chosen, servers),
    '',
    'Ratios of server CPU to raw in the same round, medians; spread: lowest and highest round of ours.',
    missed.length === 0 ? 'Ours meets every goal measured.' : `Ours misses: ${missed.join(', ')}.`,
  ].join('\n');
}

/** @param {import('./results.mjs').Results} results - of checks with less work than their titles say */
export function briefChecksReport(results) {
  return `${checksReport(results)}\n\nBy --quick with fewer clients and messages.`;
}

/** @param {import('./results.mjs').Results} results */
export function checksReport(results) {
  return [
    'Messages that came once and in order under load, or were told to be dropped where a client reads nothing:',
    '',
    checksTable(results),
  ].join('\n');
}

/** @param {import('./results.mjs').Results} results */
export function growthReport(results) {
  const lines = flatClaims(results).map(({ line }) => line);
  return [...growthTables(results), lines.join('\n\n')].join('\n\n');
}

/** @param {import('./results.mjs').Results} results */
export function voidReport(results) {
  const voids = results.voids.length;
  return [
    voids === 0
      ? `All ${results.valid} runs delivered every message once and in order.`
      : `${voids} of ${voids + results.valid} runs are void and don't count:`,
    ...voidLines(results),
  ].join('\n\n');
}

/**
 * @param {import('./results.mjs').Results} results - of a full run
 * @param {string} command
 */
export function resultsFile(results, command) {
  const bullets = (lines) => lines.map((line) => `- ${line}`).join('\n');
  return `# Results

${new Date().toISOString().slice(0, 10)}, by \`${command}\`.

${summary(results, scenarios, peers)}

${voidReport(results)}

Server CPU per delivery, query or connection, system calls included; C in kilobytes. Each run has
fresh processes: the server on one core, the load generator on the other. It compares every delivery
with the one expected: a run that lost, repeated or reordered one is void.

## Machine

${bullets(describeMachine())}

## Versions

${bullets(describeVersions())}

## Servers

${bullets(peers.map(({ name, note }) => `\`${name}\`: ${note}`))}

## Order under load

${checksReport(results)}

Both subprotocols, and \`strictOrdering\` off and on. Clients that read nothing begin again when all
others have got everything: nobody waits for them.

## Growth

![CPU per delivery of ours and raw as subscribers, groups and fields grow](growth.svg)

${growthReport(results)}

## Details

${detailTables(results, scenarios, peers).join('\n\n')}
`;
}
