import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { root } from './support/documents.ts';

const source = `
  import { test } from '@jest/globals';
  import { failingExpectation } from './failing-expectation.ts';
  test('fails', failingExpectation);
`;

/** What Jest says of a test file; its imports are those of the testing package's own support. */
async function runByJest(contents: string): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'groupcast-jest-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const jest = { testMatch: ['**/*.test.mjs'], transform: {} };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', jest }));
  await build({
    stdin: { contents, resolveDir: join(root, 'packages/testing/test/support'), loader: 'ts' },
    outfile: join(folder, 'bundled.test.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    conditions: ['@groupcast/source'],
    // The package says that its modules do nothing by themselves; those of tests do.
    ignoreAnnotations: true,
    external: ['ws', '@jest/globals'],
    logLevel: 'error',
  });
  const program = join(root, 'node_modules/jest/bin/jest.js');
  const { NODE_OPTIONS: _, NODE_ENV: __, FORCE_COLOR: ___, ...env } = process.env;
  const run = promisify(execFile)(
    process.execPath,
    ['--experimental-vm-modules', program, '--ci', '--cacheDirectory', join(folder, 'cache')],
    { cwd: folder, env: { ...env, NO_COLOR: '1' } },
  );
  // A run of tests that fail rejects, with what it has printed.
  const { stderr } = await run.catch((error: { readonly stderr: string }) => error);
  return stderr;
}

test('Jest shows a failure with its exchange and a diff', async () => {
  const report = await runByJest(source);

  expect(report).toContain(
    'Expected operation op1 to have the result { data: { a: 2 } }, but it received next { data: { a: 1 } }',
  );
  expect(report).toMatch(/→ subscribe op1 .*\n.*← next op1 \{"data":\{"a":1\}\}/);
  expect(report).toMatch(/- +"a": 2,\n.*\+ +"a": 1,/);
  expect(report).toContain('1 failed, 1 total');
});
