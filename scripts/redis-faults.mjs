/**
 * What becomes of broadcasts while Redis, its network or its channels fail: real processes, a real
 * Redis. No process ends, what is lost is told, and service returns by itself.
 *
 * Run it by `node scripts/redis-faults.mjs [--seed n] [--runs n] [--only name] [--short]`, after
 * `npm run build`. Ends with the code 1 when something is wrong.
 */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

/** Milliseconds that service may take to return, once Redis can be reached. */
const RETURN_MS = 10_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
    short: { type: 'boolean', default: false },
  },
});

const support = '../packages/server-plugin/test/support/fault-runs.ts';
/** @type {typeof import('../packages/server-plugin/test/support/fault-runs.ts')} */
const { faultNames, fullScale, runFault, shortScale } = (
  await runnerImport(fileURLToPath(new URL(support, import.meta.url)), { logLevel: 'error' })
).module;

const columns = [
  'scenario',
  'seed',
  'sent',
  'delivered',
  'told by number',
  'told by outage',
  'silent loss',
  'rejected calls',
  'of these arrived',
  'needless notices',
  'connections lost',
  'ended',
  'back after ms',
];

const names = faultNames.filter((name) => (values.only ?? name) === name);
if (names.length === 0) throw new Error(`--only is one of ${faultNames.join(', ')}`);

console.log('Figures of messages count each once for every client that is to get it.');
console.log(columns.join(' | '));
let isWrong = false;
for (const name of names) {
  for (let run = 0; run < Number(values.runs); run += 1) {
    await report(name, Number(values.seed) + run);
  }
}
process.exitCode = isWrong ? 1 : 0;

/**
 * @param {(typeof faultNames)[number]} name
 * @param {number} seed
 */
async function report(name, seed) {
  const run = await runFault(name, seed, values.short ? shortScale : fullScale);
  const figures = [
    name,
    seed,
    run.sent,
    run.delivered,
    run.toldByNumber,
    run.toldByOutage,
    run.silent,
    run.rejected,
    run.rejectedAndDelivered,
    run.needless,
    run.connectionsLost,
    run.endings.length,
    Math.round(run.returnedAfterMs),
  ];
  console.log(
    figures.map((figure, index) => `${figure}`.padStart(columns[index]?.length ?? 0)).join(' | '),
  );
  for (const fault of run.faults.slice(0, 10)) console.log(`  WRONG: ${fault}`);
  if (run.faults.length > 0 || run.returnedAfterMs > RETURN_MS) isWrong = true;
}
