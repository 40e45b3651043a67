import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'groupcast-types-')));

/** The package's subpaths, as users import them. */
const subpaths = Object.keys(exportsOf('client')).filter((path) => !path.endsWith('.json'));

/** What a browser's project has, and a library author who looks into declarations. */
const browser = {
  target: 'es2022',
  lib: ['es2022', 'dom'],
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  strict: true,
  skipLibCheck: false,
  types: [],
  noEmit: true,
};

const right = `
import { createClient } from '@groupcast/client';
import { printDocument } from '@groupcast/client/print';

const client = createClient({ url: '/graphql', print: printDocument });
for await (const { a } of client.subscribe<{ a: number }>('subscription { a }')) a.toFixed();
`;

const wrong = `
import { createClient } from '@groupcast/client';

const { query } = createClient({ url: '/graphql' });
export const text: string = await query<{ a: number }>('{ a }');
query<{ a: number }, { b: number }>('query ($b: Int!) { a(b: $b) }');
`;

beforeAll(async () => {
  await buildPackages();
  write('browser/tsconfig.json', JSON.stringify({ compilerOptions: browser }));
  write('browser/right.ts', right);
  write('browser/wrong.ts', wrong);
  write(
    'browser/everything.ts',
    subpaths
      .map((path, i) => `export * as m${i} from '@groupcast/client${path.slice(1)}';`)
      .join('\n'),
  );
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  ['TypeScript 7', 'typescript'],
  ['TypeScript 5.9', 'typescript59'],
])('%s', (_title, compiler) => {
  test('the type tests hold', { timeout: 60_000 }, async () => {
    const project = fileURLToPath(new URL('./tsconfig.types.json', import.meta.url));

    expect(await compile(compiler, project)).toEqual([]);
  });

  test('declarations are whole in a browser project, and wrong use is objected to', {
    timeout: 60_000,
  }, async () => {
    expect(await compile(compiler, join(folder, 'browser'))).toEqual([
      expect.stringMatching(/^wrong\.ts\(5,14\): error TS2322: .*'string'/),
      expect.stringMatching(/^wrong\.ts\(6,1\): error TS2554: Expected 2-3 arguments, but got 1/),
    ]);
  });
});

/** What a compiler says of a project, without the lines that explain. */
async function compile(compiler: string, project: string): Promise<readonly string[]> {
  const tsc = join(root, 'node_modules', compiler, 'bin/tsc');
  const cwd = project.endsWith('.json') ? root : project;
  const args = [tsc, '-p', project, '--pretty', 'false'];
  const said = await run(process.execPath, args, { cwd }).catch((error: unknown) =>
    error instanceof Error && 'stdout' in error
      ? { stdout: String(error.stdout) }
      : Promise.reject(error),
  );
  return said.stdout.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
}

/** Makes a `node_modules` with the declarations of the packages as they would be published. */
async function buildPackages(): Promise<void> {
  const packages = join(root, 'packages');
  const names = ['client', 'protocol'];
  const project = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      composite: false,
      emitDeclarationOnly: true,
      declarationMap: false,
      sourceMap: false,
      types: [],
      lib: ['es2023', 'esnext.disposable', 'dom'],
      customConditions: ['@groupcast/source'],
      rootDir: packages,
      outDir: 'built',
    },
    include: names.map((name) => join(packages, name, 'src')),
  };
  write('tsconfig.json', JSON.stringify(project));
  expect(await compile('typescript', folder)).toEqual([]);
  for (const name of names) {
    const target = join(folder, 'node_modules/@groupcast', name);
    mkdirSync(target, { recursive: true });
    copyFileSync(join(packages, name, 'package.json'), join(target, 'package.json'));
    renameSync(join(folder, 'built', name, 'src'), join(target, 'dist'));
  }
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'), 'junction');
}

function exportsOf(name: string): Record<string, unknown> {
  const text = readFileSync(join(root, 'packages', name, 'package.json'), 'utf8');
  return JSON.parse(text).exports;
}

function write(file: string, text: string): void {
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), text);
}
