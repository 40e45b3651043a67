import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The numbers of the rules in a document: `- S1. …` */
function rulesIn(document: string): string[] {
  const text = readFileSync(join(root, 'docs', document), 'utf8');
  return [...text.matchAll(/^- ([A-Z]\d+a?)\. /gm)].map(([, rule = '']) => rule);
}

/** All that a title may stand in: test files, and the fixtures whose cases have titles. */
function textOfTests(): string {
  return ['packages', 'playground', 'test']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    .filter((file) => /\.test\.ts$|[\\/]fixtures[\\/].*\.json$|[\\/]support[\\/].*\.ts$/.test(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

test.each([
  ['semantics.md', 30],
  ['protocol.md', 60],
])('each rule of docs/%s stands in the title of a test', (document, atLeast) => {
  const rules = rulesIn(document);
  const text = textOfTests();
  const untested = rules.filter((rule) => !new RegExp(`['"\`][^'"\`\\n]*\\b${rule}\\b`).test(text));

  expect(rules.length).toBeGreaterThan(atLeast);
  expect(untested).toEqual([]);
});
