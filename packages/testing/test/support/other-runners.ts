import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../../../..');

/** Left to Node to find, as packages that come in several formats, or that bring files along. */
const EXTERNAL = [
  'ws',
  'graphql',
  'fastify',
  'fastify-plugin',
  '@fastify/*',
  '@graphql-tools/*',
  'mqemitter',
  'vitest',
];

/**
 * Runs a test file by `node --test`.
 *
 * @param source - its text; relative imports are those of this folder
 * @returns the report, as TAP
 */
export function runByNodeTest(source: string): Promise<string> {
  return inFolder(source, (file) => ['--test', '--test-reporter=tap', file]);
}

/**
 * Runs a test file by a Vitest of its own.
 *
 * @param source - its text; relative imports are those of this folder
 * @returns the report
 */
export function runByVitest(source: string): Promise<string> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  return inFolder(source, (_file, folder) => [vitest, 'run', '--root', folder]);
}

async function inFolder(
  source: string,
  argsFor: (file: string, folder: string) => string[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'groupcast-testing-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const outfile = join(folder, 'bundled.test.mjs');
  await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    conditions: ['@groupcast/source'],
    // The package says that its modules do nothing by themselves; those of tests do.
    ignoreAnnotations: true,
    external: EXTERNAL,
    logLevel: 'error',
  });
  const report = await run(argsFor(outfile, folder), folder);
  await rm(folder, { recursive: true });
  return report;
}

async function run(args: string[], cwd: string): Promise<string> {
  // Vitest marks its children as parts of itself.
  const ownMarks =
    /^(NODE_OPTIONS|NODE_TEST_CONTEXT|NODE_ENV|VITEST.*|FORCE_COLOR|DEV|PROD|SSR|MODE|TEST)$/;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !ownMarks.test(name)),
  );
  const running = promisify(execFile)(process.execPath, args, {
    env: { ...env, NO_COLOR: '1' },
    cwd,
  });
  // A run of tests that fail rejects, with what it has printed.
  const { stdout, stderr } = await running.catch(
    (error: { readonly stdout: string; readonly stderr: string }) => error,
  );
  return `${stdout}${stderr}`;
}
