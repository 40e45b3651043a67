import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');

const contractTest = `
import test from 'node:test';
import mqemitter from 'mqemitter';
import { runBrokerContract } from '../src/broker-contract.ts';

runBrokerContract({ test, createEmitter: () => mqemitter() });
`;

test('the contract runs by node --test, which ends by itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'groupcast-contract-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const file = join(folder, 'contract.test.mjs');
  await build({
    stdin: { contents: contractTest, resolveDir: import.meta.dirname, loader: 'ts' },
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['mqemitter', '@fastify/error'],
    logLevel: 'error',
  });

  // Vitest marks its children as parts of itself, and so does node:test.
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--test', '--test-reporter=tap', file],
    { cwd: folder, env: { ...env, NO_COLOR: '1' } },
  );

  expect(stdout).toMatch(/ok \d+ - broker contract: a message of a megabyte arrives whole/);
  expect(stdout).toMatch(/# pass 16\n# fail 0/);
});
