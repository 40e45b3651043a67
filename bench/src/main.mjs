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
import { checksPlan } from './checks.mjs';
import { growthPlan } from './growth.mjs';
import { flatClaims, growthCharts } from './growth-table.mjs';
import { BASE, OURS, peers, takesPart } from './peers.mjs';
import { estimateSeconds, fullPlan, quickPlan, wholePlan } from './plan.mjs';
import { topFunctions } from './profile.mjs';
import {
  briefChecksReport,
  checksReport,
  growthReport,
  resultsFile,
  summary,
  voidReport,
} from './report.mjs';
import { Results } from './results.mjs';
import { run } from './run.mjs';
import { scenarios } from './scenarios.mjs';

const FULL_ROUNDS = 4;
const QUICK_ROUNDS = 2;
/** `--quick` begins no run after so much time, but for those that each row needs. */
const QUICK_MS = 168_000;
/** A full run begins no further round after so much. */
const FULL_MS = 16 * 60_000;
const PROFILED_FUNCTIONS = 40;

const help = `npm run bench -- [options]

  --quick           3 minutes: less of everything, few peers; prints the table only
  --checks          order under load only: slow readers, both subprotocols, strict ordering
  --growth          growth only: with subscribers, groups and fields
  --only A,B        these scenarios: ${scenarios.map(({ id }) => id).join(', ')}
  --servers a,b     these servers beside raw: ${peers.map(({ name }) => name).join(', ')}
  --rounds 3        how often each server runs each scenario
  --profile         a CPU profile of ours (or the one of --servers) in the scenarios of --only

Without options it measures everything and writes bench/RESULTS.md and bench/growth.svg.
`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    checks: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    only: { type: 'string' },
    servers: { type: 'string' },
    rounds: { type: 'string' },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Only a run of everything may say what the results are. */
const isFull = Object.values(values).every((value) => value === undefined || value === false);

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

/** What is run, how long at most, and what is said of it. */
function choose({ chosen, servers }) {
  const table = (results) => summary(results, chosen, servers);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (values.growth) {
    return { plan: growthPlan(rounds ?? 1), ms: FULL_MS, reports: [growthReport] };
  }
  if (values.checks) {
    const plan = Array.from({ length: rounds ?? 1 }, (_, index) =>
      checksPlan({ round: index + 1 }),
    );
    return { plan: plan.flat(), ms: FULL_MS, reports: [checksReport] };
  }
  const options = { scenarios: chosen, servers, rounds: rounds ?? FULL_ROUNDS };
  if (isFull) {
    return { plan: wholePlan(options), ms: FULL_MS, reports: [table, checksReport, growthReport] };
  }
  if (!values.quick) return { plan: fullPlan(options), ms: FULL_MS, reports: [table] };
  const plan = quickPlan({ ...options, rounds: rounds ?? QUICK_ROUNDS });
  return { plan, ms: QUICK_MS, reports: [table, briefChecksReport] };
}

function write(results) {
  const folder = new URL('../', import.meta.url);
  const file = resultsFile(results, 'npm run bench');
  writeFileSync(new URL('RESULTS.md', folder), file);
  writeFileSync(new URL('growth.svg', folder), growthCharts(results));
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
  const { plan, ms, reports } = choose({ chosen, servers });
  const minutes = (Math.min(ms, estimateSeconds(plan) * 1_000) / 60_000).toFixed(1);
  const load = loadavg()[0].toFixed(1);
  print(
    `${plan.length} runs at most, about ${minutes} minutes, load average ${load}, ${isPinned ? 'pinned' : 'not pinned'}`,
  );
  const results = await measure({ plan, isPinned, endsAt: performance.now() + ms });
  for (const report of [...reports, voidReport]) print(`\n${report(results)}`);
  if (isFull) write(results);
  const isBroken = results.voids.some(({ server }) => server === BASE || server.startsWith(OURS));
  const hasGrowth = reports.includes(growthReport);
  const isFlat = !hasGrowth || flatClaims(results).every(({ holds }) => holds);
  process.exitCode = isBroken || !isFlat ? 1 : 0;
}

await main();
