// Runs the tests of the example app under each of the three runners that docs/testing.md is about.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const example = fileURLToPath(new URL('../examples/live-comments', import.meta.url));

/**
 * The app must have been built.
 *
 * @param {string} folder - an empty one, for the reports
 * @returns {Counts[]} those of each runner
 */
export function runExamples(folder) {
  const vitest = join(folder, 'vitest.json');
  const jest = join(folder, 'jest.json');
  return [
    run(
      'test:vitest',
      ['--reporter=default', '--reporter=json', `--outputFile.json=${vitest}`],
      () => countsInJson(vitest),
    ),
    run('test:jest', ['--ci', '--json', `--outputFile=${jest}`], () => countsInJson(jest)),
    run('test:node', [], countsInSpec),
  ];
}

/**
 * Runs a script of the example as a reader would.
 *
 * @param {string} script
 * @param {string[]} args
 * @param {(stdout: string) => Counts} read - finds the counts
 * @returns {Counts}
 */
function run(script, args, read) {
  process.stdout.write(`\n${script} of examples/live-comments\n`);
  const { status, stdout } = spawnSync('npm', ['run', '--silent', script, '--', ...args], {
    cwd: example,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  });
  process.stdout.write(stdout ?? '');
  const counts = readOrFail(() => read(stdout ?? ''));
  // Something failed that is no test, or no test was found.
  const isFine = status === 0 && counts.passed > 0;
  return isFine || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

/** @param {() => Counts} read */
function readOrFail(read) {
  try {
    return read();
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Of Vitest and Jest, whose reports have the same fields. @param {string} file */
function countsInJson(file) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Of `node --test` with its reporter `spec`. @param {string} stdout */
function countsInSpec(stdout) {
  const count = (/** @type {string} */ name) =>
    Number(new RegExp(`ℹ ${name} (\\d+)`).exec(stdout)?.[1] ?? 0);
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped') + count('todo'),
  };
}
