import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { root } from './support/documents.ts';
import { extractModules } from './support/extracted-modules.ts';

const run = promisify(execFile);

const compilerOptions = {
  noEmit: true,
  composite: false,
  declaration: false,
  declarationMap: false,
  isolatedDeclarations: false,
  rewriteRelativeImportExtensions: false,
  allowImportingTsExtensions: true,
  moduleDetection: 'force',
  customConditions: ['@groupcast/source'],
  lib: ['es2023', 'esnext.disposable', 'dom'],
  jsx: 'react-jsx',
  // A line often ends in a value that the next paragraph goes on with.
  noUnusedLocals: false,
  noUnusedParameters: false,
};

/** What the compiler says of the modules in a folder, line by line. */
async function compile(folder: string): Promise<readonly string[]> {
  const project = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['.'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const args = [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'];
  const said = await run(process.execPath, args, { cwd: folder }).catch((error: unknown) =>
    error instanceof Error && 'stdout' in error
      ? { stdout: String(error.stdout) }
      : Promise.reject(error),
  );
  return said.stdout.split('\n').filter((line) => line !== '');
}

test('every TypeScript block of every document compiles with the real packages', async () => {
  const { folder, modules, remove } = extractModules();
  onTestFinished(remove);
  // Shows that the compiler looks, and at the real packages.
  writeFileSync(
    join(folder, 'wrong.ts'),
    "import { broadcst } from '@groupcast/fastify';\nbroadcst();\n",
  );

  const objections = await compile(folder);

  expect(objections).toEqual([expect.stringMatching(/^wrong\.ts\(1,10\): error .*broadcst/)]);
  expect(modules.length).toBeGreaterThan(20);
});
