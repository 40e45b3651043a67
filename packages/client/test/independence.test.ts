import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { expect, test } from 'vitest';

const packages = new URL('../../', import.meta.url);
const sources = new URL('client/src/', packages);

/** All files of the client, relative to its sources. */
const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

/** What a file names in `import` and `export … from`, types too: they are in the package's own types. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(new URL(file, sources), 'utf8');
  const imports = /^(?:import|export)\s(?:[^;']*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...text.matchAll(imports)].map(([, named, called]) => named ?? called ?? '');
}

function isOwn(specifier: string): boolean {
  return specifier.startsWith('.');
}

function isOfReact(file: string): boolean {
  return file === 'react.ts' || file.startsWith('react/');
}

function manifestOf(name: string): Readonly<Record<string, object | undefined>> {
  return JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), 'utf8'));
}

test('the client needs nothing at run time but the protocol, which needs nothing', () => {
  expect(Object.keys(manifestOf('client')['dependencies'] ?? {})).toEqual(['@groupcast/protocol']);
  expect(manifestOf('client')['optionalDependencies']).toBeUndefined();
  expect(manifestOf('protocol')['dependencies']).toBeUndefined();
  expect(manifestOf('protocol')['peerDependencies']).toBeUndefined();
});

test('its only peer is React, which need not be there', () => {
  expect(Object.keys(manifestOf('client')['peerDependencies'] ?? {})).toEqual(['react']);
  expect(manifestOf('client')['peerDependenciesMeta']).toEqual({ react: { optional: true } });
});

test('its files import nothing but each other and the protocol, and React those for it', () => {
  const foreign = (file: string) => importsOf(file).filter((specifier) => !isOwn(specifier));
  const of = (chosen: readonly string[]) => new Set(chosen.flatMap(foreign));

  expect(of(files.filter((file) => !isOfReact(file)))).toEqual(new Set(['@groupcast/protocol']));
  expect(of(files.filter(isOfReact))).toEqual(new Set(['react']));
});

test('nothing but the files for React imports them', () => {
  const others = files.filter((file) => !isOfReact(file));

  const imported = others.flatMap((file) =>
    importsOf(file).map((specifier) => join(dirname(file), specifier)),
  );

  expect(imported.filter(isOfReact)).toEqual([]);
});
