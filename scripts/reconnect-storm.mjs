/**
 * How 500 clients come back to a server that was away, on paper: dials per 100 ms.
 *
 * Run it by `node scripts/reconnect-storm.mjs`. It reads the sources: the waits are the client's, the
 * reasons of a close the server's. The test of the same name does it with clients and servers.
 */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const CLIENTS = 500;
const LIMIT = 0.05 * CLIENTS;
const SEEDS = [1, 2, 3, 4, 5];
/** Enough for means, of which chances are computed. */
const STORMS = 400;

const kinds = { dials: 'all dials', reached: 'dials that the server was back for' };

/** @param {string} name */
async function load(name) {
  const url = new URL(`../packages/client/test/support/${name}.ts`, import.meta.url);
  return (await runnerImport(fileURLToPath(url), { logLevel: 'error' })).module;
}

const { absences, expectStorm, simulateStorm } = await load('reconnect-storm');
const { chanceOfMore, drawWindows, worstWindow } = await load('dial-windows');

for (const absence of absences) {
  const { departure, awayMs } = absence;
  const storms = SEEDS.map((seed) => simulateStorm(absence, CLIENTS, seed));
  const expected = expectStorm(absence, CLIENTS, STORMS);
  console.log(`${CLIENTS} clients after a ${departure}, the server away for ${awayMs} ms`);
  process.stdout.write(drawWindows(storms[0].dials));
  for (const [kind, name] of Object.entries(kinds)) {
    const most = storms.map((storm) => worstWindow(storm[kind])).join(', ');
    const mean = Math.max(...expected[kind]).toFixed(1);
    const chance = chanceOfMore(expected[kind], CLIENTS, LIMIT).toExponential(1);
    console.log(`- ${name}: at most ${most} in 100 ms (seeds ${SEEDS.join(', ')})`);
    console.log(`  ${mean} expected in the worst; the chance of more than ${LIMIT}: ${chance}`);
  }
  console.log();
}
