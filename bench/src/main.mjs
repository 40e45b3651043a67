/**
 * Our numbers beside our peers', in one run: `npm run bench`, see `--help`.
 *
 * Figures are the server's CPU time; the ratio to raw in the same round is what counts, as it depends
 * little on the machine. Each run checks that every delivery came once and in order.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.mjs';
import { BASE, OURS, peers, takesPart } from './peers.mjs';
import { fullPlan, quickPlan } from './plan.mjs';
import { topFunctions } from './profile.mjs';
import { Results } from './results.mjs';
import { run } from './run.mjs';
import { scenarios } from './scenarios.mjs';
import { detailTables, mainTable, voidLines } from './table.mjs';

const FULL_ROUNDS = 5;
const QUICK_ROUNDS = 2;
/** `--quick` begins no run after so much time, but for those that each row needs. */
const QUICK_MS = 168_000;
const PROFILED_FUNCTIONS = 40;

const help = `npm run bench -- [options]

  --quick           3 minutes: less of everything, few peers; prints the table only
  --only A,B        these scenarios: ${scenarios.map(({ id }) => id).join(', ')}
  --servers a,b     these servers beside raw: ${peers.map(({ name }) => name).join(', ')}
  --rounds 3        how often each server runs each scenario
  --profile         a CPU profile of ours (or the one of --servers) in the scenarios of --only

Without options it measures everything and writes bench/RESULTS.md.
`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    servers: { type: 'string' },
    rounds: { type: 'string' },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function print(line) {
  process.stdout.write(`${line}\n`);
}

/** On a line of its own that the next one replaces; nothing where there is no terminal. */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** What `list` names of `all`; all of it without a list. */
function pick(all, list, nameOf) {
  if (list === undefined) return all;
  const names = list.split(',');
  const unknown = names.filter((name) => !all.some((each) => nameOf(each) === name));
  if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(', ')}\n\n${help}`);
  return all.filter((each) => names.includes(nameOf(each)));
}

function canPin() {
  return availableParallelism() > 1 && spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;
}

async function measure({ plan, isPinned, endsAt }) {
  const results = new Results();
  for (const [index, { round, server, scenario }] of plan.entries()) {
    if (round > 1 && performance.now() > endsAt) break;
    progress(`${index + 1}/${plan.length} round ${round}: ${scenario.id} ${server.name}`);
    const outcome = await run({ server, scenario, isPinned });
    results.add({ round, server: server.name, scenario: scenario.id, outcome });
  }
  progress('');
  return results;
}

/** The table and what must be said of it. */
function summary(results, chosen, servers) {
  const missed = chosen.flatMap((scenario) =>
    scenario.goals.filter((goal) => results.misses(scenario, goal)).map((goal) => goal.row),
  );
  const voids = results.voids.length;
  return [
    mainTable(results, chosen, servers),
    '',
    'Ratios of server CPU to raw in the same round, medians; spread: lowest and highest round of ours.',
    missed.length === 0 ? 'Ours meets every goal measured.' : `Ours misses: ${missed.join(', ')}.`,
    voids === 0
      ? `All ${results.valid} runs delivered every message once and in order.`
      : `${voids} of ${voids + results.valid} runs are void and don't count:`,
    ...voidLines(results),
  ].join('\n');
}

function resultsFile(results, command) {
  const bullets = (lines) => lines.map((line) => `- ${line}`).join('\n');
  return `# Results

${new Date().toISOString().slice(0, 10)}, by \`${command}\`.

${bullets(describeMachine())}

${summary(results, scenarios, peers)}

Server CPU per delivery, query or connection, system calls included; C in kilobytes. Each run has
fresh processes: the server on one core, the load generator on the other. It compares every delivery
with the one expected: a run that lost, repeated or reordered one is void.

## Servers

${bullets(peers.map(({ name, note }) => `\`${name}\`: ${note}`))}

## Details

${detailTables(results, scenarios, peers).join('\n\n')}
`;
}

async function profile({ chosen, servers, isPinned }) {
  const folder = fileURLToPath(new URL('../profiles/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const scenario of chosen) {
    for (const server of servers) {
      if (!takesPart(server, scenario) || scenario.kind === 'memory') continue;
      const profileFile = `${folder}${server.name}-${scenario.id}.cpuprofile`;
      const outcome = await run({
        server,
        scenario: { ...scenario, windows: 1 },
        isPinned,
        profileFile,
      });
      print(`${scenario.id} ${server.name}: ${outcome.void ?? `${outcome.cpu.toFixed(1)} µs`}`);
      if (outcome.void !== undefined) continue;
      for (const line of topFunctions(profileFile, PROFILED_FUNCTIONS)) print(line);
      print(`${profileFile}\n`);
    }
  }
}

async function main() {
  if (values.help) return print(help);
  const chosen = pick(scenarios, values.only, ({ id }) => id);
  const named = pick(peers, values.servers, ({ name }) => name);
  const isPinned = canPin();
  if (values.profile) {
    const servers =
      values.servers === undefined ? peers.filter(({ name }) => name === OURS) : named;
    return profile({ chosen, servers, isPinned });
  }
  const servers = peers.filter((peer) => peer.name === BASE || named.includes(peer));
  const rounds = Number(values.rounds ?? (values.quick ? QUICK_ROUNDS : FULL_ROUNDS));
  const plan = (values.quick ? quickPlan : fullPlan)({ scenarios: chosen, servers, rounds });
  const load = loadavg()[0].toFixed(1);
  print(`${plan.length} runs at most, load average ${load}, ${isPinned ? 'pinned' : 'not pinned'}`);
  const endsAt = values.quick ? performance.now() + QUICK_MS : Number.POSITIVE_INFINITY;
  const results = await measure({ plan, isPinned, endsAt });
  print(summary(results, chosen, servers));
  if (!values.quick && values.only === undefined && values.servers === undefined) {
    const args = process.argv.slice(2).join(' ');
    const command = args === '' ? 'npm run bench' : `npm run bench -- ${args}`;
    writeFileSync(new URL('../RESULTS.md', import.meta.url), resultsFile(results, command));
  }
  const isBroken = results.voids.some(({ server }) => server === BASE || server.startsWith(OURS));
  process.exitCode = isBroken ? 1 : 0;
}

await main();
