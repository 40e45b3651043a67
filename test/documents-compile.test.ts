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
  lib: ['es2023', 'esnext.disposable', 'dom', 'dom.asynciterable'],
  // A reader's line often ends in a value that the next paragraph goes on with.
  noUnusedLocals: false,
  noUnusedParameters: false,
};

/** What the compiler says of a folder; empty when it has no objection. */
async function compile(folder: string): Promise<string> {
  const project = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['.'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  try {
    const { stdout } = await run(process.execPath, [compiler, '-p', folder], { cwd: folder });
    return stdout;
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
}

test('every TypeScript block of every document compiles with the real packages', async () => {
  const { folder, modules, remove } = extractModules();
  onTestFinished(remove);

  const objections = await compile(folder);

  expect(objections).toBe('');
  expect(modules.length).toBeGreaterThan(20);
});

test('a block that does not fit the packages is found, with its place in the document', async () => {
  const { folder, modules, remove } = extractModules();
  onTestFinished(remove);
  const [first] = modules;
  if (first === undefined) throw new Error('There is no block');
  const { document, line } = first.block;
  const wrong = `${'\n'.repeat(line - 1)}import { broadcst } from '@groupcast/fastify';\nbroadcst();\n`;
  writeFileSync(join(folder, document, `line-${line}.ts`), wrong);

  const objections = await compile(folder);

  expect(objections).toContain(`${document}/line-${line}.ts(${line},10)`);
  expect(objections).toContain('broadcst');
});
