import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const sourceFolder = fileURLToPath(new URL('../src/', import.meta.url));

/** Which folders each station may import from, as ARCHITECTURE.md has it. */
const mayImport: Record<string, readonly string[]> = {
  orders: ['connection', 'operation', 'broker'],
  connection: ['operation'],
  operation: ['subscription', 'delivery', 'groups'],
  delivery: ['subscription'],
  subscription: [],
  groups: ['broker'],
  'broker-contract': ['broker'],
  broker: [],
};

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly target: string;
}

function importsOf(folder: string): Import[] {
  return readdirSync(join(sourceFolder, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const file = join(entry.parentPath, entry.name);
      const text = readFileSync(file, 'utf8');
      return [...text.matchAll(/(?:from|import)\s+'(\.[^']+)'/g)].map(([, path = '']) => ({
        file: relative(sourceFolder, file),
        folder,
        target: relative(sourceFolder, join(entry.parentPath, path)),
      }));
    });
}

describe.each(Object.entries(mayImport))('%s/', (folder, allowed) => {
  test('imports only from the stations below it', () => {
    const imports = importsOf(folder);
    const breaches = imports.filter(({ target }) => {
      if (target === 'errors.ts' || target === 'fast-paths.ts') return false;
      const [station = ''] = target.split('/');
      return station !== folder && !allowed.includes(station);
    });

    expect(imports.length).toBeGreaterThan(0);
    expect(breaches).toEqual([]);
  });
});

test('only connection/ and the wiring know ws', () => {
  const folders = Object.keys(mayImport).filter((folder) => folder !== 'connection');
  const text = folders.flatMap((folder) =>
    readdirSync(join(sourceFolder, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );

  expect(text.filter((source) => /from '(ws|@fastify\/websocket)'/.test(source))).toEqual([]);
});

test('no source file is longer than about 300 lines', () => {
  const files = readdirSync(sourceFolder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 320);

  expect(long.map((file) => relative(sourceFolder, file))).toEqual([]);
});
