import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

/** What the build says of a file: of each chunk, which others it imports. */
interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

const folder = new URL('../dist/public/', import.meta.url);
const manifest: Record<string, Chunk> = JSON.parse(
  readFileSync(new URL('manifest.json', folder), 'utf8'),
);

const GRAPHIQL = 'graphiql/graphiql-view.tsx';

/** The names of all chunks that one needs, sooner or later, without those of GraphiQL. */
function needed(name: string, found = new Set<string>()): ReadonlySet<string> {
  if (name === GRAPHIQL || found.has(name)) return found;
  found.add(name);
  const { imports = [], dynamicImports = [] } = manifest[name] ?? {};
  for (const each of [...imports, ...dynamicImports]) needed(each, found);
  return found;
}

function gzipBytes(name: string): number {
  const file = manifest[name]?.file ?? '';
  if (!file.endsWith('.js')) return 0;
  return gzipSync(readFileSync(new URL(file, folder)), { level: 9 }).length;
}

test("the page's JavaScript without GraphiQL is at most 120 kB, compressed", () => {
  const [entry = ''] = Object.keys(manifest).filter((name) => manifest[name]?.isEntry);
  const names = [...needed(entry)];

  const bytes = names.map(gzipBytes).reduce((sum, each) => sum + each, 0);

  expect(names).toContain('live/live-view.tsx');
  expect(manifest).toHaveProperty([GRAPHIQL]);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThanOrEqual(120_000);
});
