import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeBlocks } from './support/code-blocks.ts';
import { documents, readText, root } from './support/documents.ts';

interface Manifest {
  readonly name?: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

const workspaces = [
  ...readdirSync(join(root, 'packages')).map((folder) => `packages/${folder}`),
  'playground',
];

/** The commands of a document's `sh` blocks, one by one. */
function commands(document: string): readonly string[] {
  return codeBlocks(document)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .flatMap((line) => line.replace(/(^|\s)#.*/, '').split('&&'))
    .map((command) => command.trim())
    .filter((command) => command !== '');
}

/** Whether a command can work in this repository, or for a user of its packages. */
function canRun(command: string): boolean {
  const [program = '', ...words] = command.split(/\s+/);
  const [first = '', ...rest] = words;
  const plain = rest.filter((word) => !word.startsWith('-'));
  if (program === 'curl' || program === 'redis-cli') return true;
  if (program === 'node') return existsSync(join(root, first));
  if (program === 'npx') return existsSync(join(root, 'node_modules/.bin', first));
  if (program !== 'npm') return false;
  if (first === 'ci') return rest.length === 0;
  if (first === 'install') return plain.every(isInstalled);
  return first === 'run' ? hasScript(plain[0] ?? '') : hasScript(first);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function hasScript(name: string): boolean {
  return Object.hasOwn(manifest('.').scripts ?? {}, name);
}

function isInstalled(name: string): boolean {
  return (
    existsSync(join(root, 'node_modules', name)) ||
    workspaces.some((folder) => manifest(folder).name === name)
  );
}

function manifest(folder: string): Manifest {
  return JSON.parse(readText(join(folder, 'package.json')));
}

test('the commands of all documents exist', () => {
  const all = documents().flatMap((document) =>
    commands(document).map((command) => ({ document, command })),
  );

  expect(all.length).toBeGreaterThan(8);
  expect(all.filter(({ command }) => !canRun(command))).toEqual([]);
});

test('the README starts and tests the project by two commands', () => {
  expect(commands('README.md').slice(0, 4)).toEqual(['npm ci', 'npm start', 'npm ci', 'npm test']);
});

test('the JSON blocks of all documents are JSON', () => {
  const blocks = documents()
    .flatMap((document) => codeBlocks(document))
    .filter(({ language }) => language === 'json');

  expect(blocks.length).toBeGreaterThan(0);
  expect(blocks.filter(({ text }) => !isJson(text))).toEqual([]);
});
