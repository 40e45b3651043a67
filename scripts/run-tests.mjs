// Runs all tests, those of the client's behaviour once more in Node 22 with its own WebSocket, and those
// of the example app. Ends with one line that counts them all.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { node22Path } from './node-22.mjs';
import { runExamples } from './run-examples.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const folder = mkdtempSync(join(tmpdir(), 'groupcast-counts-'));

const runs = [
  run(process.execPath, []),
  run(node22Path() ?? process.execPath, ['--project', 'client', 'packages/client/test/behaviour'], {
    GROUPCAST_WEBSOCKET: 'global',
  }),
  ...runExamples(mkdtempSync(join(folder, 'examples-'))),
];
rmSync(folder, { recursive: true });

const passed = sum(runs.map((counts) => counts.passed));
const failed = sum(runs.map((counts) => counts.failed));
const skipped = sum(runs.map((counts) => counts.skipped));
process.stdout.write(
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = failed > 0 ? 1 : 0;

/**
 * Runs Vitest once.
 *
 * @param {string} node
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
function run(node, args, env = {}) {
  const file = join(mkdtempSync(join(folder, 'run-')), 'counts.json');
  const { status } = spawnSync(node, [vitest, 'run', ...args], {
    cwd: root,
    env: { ...process.env, ...env, GROUPCAST_COUNTS: file },
    stdio: 'inherit',
  });
  const counts = readCounts(file);
  // Something failed that is no test: a set-up, or an error that nobody caught.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** @param {string} file */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
