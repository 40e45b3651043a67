import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloseCode, closeReasons } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { readText, root } from './support/documents.ts';

const document = readText('docs/errors.md');

/** The text of a part of the document, from its heading to the next of that level. */
function part(heading: string): string {
  const [, text] = document.split(`\n## ${heading}\n`);
  if (text === undefined) throw new Error(`docs/errors.md has no part "${heading}"`);
  return text.split('\n## ')[0] ?? '';
}

/** The cells of the table in a text, row by row, without the head. */
function rows(text: string): readonly (readonly string[])[] {
  const [, table = ''] = text.split(/^\|[-|]+\|$/m);
  return [...table.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(' | '));
}

/** The whole source of the server plugin, without the file of the app's errors. */
function serverSource(): string {
  const folder = join(root, 'packages/server-plugin/src');
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(({ name }) => name.endsWith('.ts') && name !== 'errors.ts')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

/** Every text that matches, once, sorted. */
function found(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, match = '']) => match))].sort();
}

test("every code of an app's error has an entry, and every entry is a code", () => {
  const source = readText('packages/server-plugin/src/errors.ts');
  const codes = found(source, /'(GROUPCAST_ERR_[A-Z_]+)'/g);

  expect(codes.length).toBeGreaterThan(15);
  expect(found(document, /^#### (GROUPCAST_ERR_[A-Z_]+)$/gm)).toEqual(codes);
});

test('every extensions.code that the server sets is in the table, and no other', () => {
  const codes = found(serverSource(), /'([A-Z]+(?:_[A-Z]+)+)'/g);

  const documented = rows(part('What clients see')).map(([code = '']) => code.replaceAll('`', ''));

  expect(codes.length).toBeGreaterThan(3);
  expect(documented.toSorted()).toEqual(codes);
});

test('every close code is in the table with its reason, and no other', () => {
  const table = rows(part('Close codes'));
  const reasonOf = new Map(table.map(([code = '', reason = '']) => [Number(code), reason]));

  expect([...reasonOf.keys()].sort()).toEqual(Object.values(CloseCode).toSorted());
  for (const [name, reason] of Object.entries(closeReasons)) {
    const code = Object.entries(CloseCode).find(([each]) => each === name)?.[1];
    expect(reasonOf.get(Number(code))).toContain(`\`${reason}\``);
  }
});

test("every code of the client's errors has a row, and every row is a code", () => {
  const [, union = ''] = readText('packages/client/src/errors.ts').split('type ClientErrorCode =');
  const codes = found(union.split(';')[0] ?? '', /'([A-Z_]+)'/g);

  const documented = rows(part('Errors of the client')).map(([code = '']) =>
    code.replaceAll('`', ''),
  );

  expect(codes.length).toBeGreaterThan(8);
  expect(documented.toSorted()).toEqual(codes);
});

test('the reasons that the table quotes are those of the source', () => {
  const source = serverSource();
  const own = [1000, 1009, 1012, 1013, 4500];
  const quoted = rows(part('Close codes'))
    .filter(([code]) => own.includes(Number(code)))
    .map(([, reason = '']) => /`([^`]+)`/.exec(reason)?.[1]);

  expect(quoted).toHaveLength(own.length);
  for (const reason of quoted) expect(source).toContain(`'${reason}'`);
});
