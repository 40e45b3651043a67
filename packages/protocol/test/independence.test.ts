import { readFileSync } from 'node:fs';
import { clientCodecFor, LEGACY, MODERN, serverCodecFor } from '@groupcast/protocol';
import { expect, test } from 'vitest';

const sources = new URL('../src/', import.meta.url);

/** The file and all that it imports for values, directly or not. */
function loadedBy(file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(new URL(file, sources), 'utf8');
  const imports = /^(?:import|export) (?!type )(?:[^;']*? from )?'([^']+)';$/gm;
  for (const [, specifier = ''] of text.matchAll(imports)) {
    if (specifier.startsWith('./')) loadedBy(specifier.slice(2), seen);
    else seen.add(specifier);
  }
  return seen;
}

test('either codec loads without the other', () => {
  expect(loadedBy('modern-client-codec.ts')).not.toContain('legacy-server-codec.ts');
  expect(loadedBy('legacy-client-codec.ts')).not.toContain('modern-server-codec.ts');
});

test('the package loads nothing but its own files', () => {
  const loaded = loadedBy('index.ts');

  expect(loaded).toContain('modern-server-codec.ts');
  expect(loaded).toContain('legacy-server-codec.ts');
  expect(loaded).toContain('violation.ts');
  expect([...loaded].filter((file) => !file.endsWith('.ts'))).toEqual([]);
});

test('each subprotocol has the codecs that carry its name', () => {
  for (const subprotocol of [MODERN, LEGACY] as const) {
    expect(serverCodecFor(subprotocol).subprotocol).toBe(subprotocol);
    expect(clientCodecFor(subprotocol).subprotocol).toBe(subprotocol);
  }
});
