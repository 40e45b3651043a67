import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { documents, readText, root } from './support/documents.ts';

/** The text without code, in which brackets mean something else. */
function proseOf(document: string): string {
  return readText(document)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, 'code');
}

/** The targets of all links and pictures of a document that lead to files of the repository. */
function localLinks(document: string): readonly string[] {
  return [...proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that GitHub makes of the headings of a document. */
function anchors(document: string): readonly string[] {
  const headings = readText(document)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.each(documents())('the links of %s lead somewhere', (document) => {
  const broken = localLinks(document).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? document : join(dirname(document), path);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchors(target).includes(anchor);
  });

  expect(broken).toEqual([]);
});

test('every document is linked from the README, or from one that is', () => {
  const reached = new Set(['README.md']);
  for (const document of reached) {
    const targets = localLinks(document).map((link) =>
      join(dirname(document), link.replace(/#.*/, '')),
    );
    for (const target of targets) if (target.endsWith('.md')) reached.add(target);
  }

  expect(documents().filter((document) => !reached.has(document))).toEqual([]);
});

/** What the paths that documents write may be relative to, beside the document. */
const FOLDERS = ['.', 'packages/server-plugin/src', 'packages/client/src'];

/**
 * The paths that a document writes as code: `operation/mailbox.ts`. A bare name is a path in
 * ARCHITECTURE.md only; elsewhere it is often that of a reader's file.
 */
function namedFiles(document: string): readonly string[] {
  const code = readText(document).matchAll(/`([\w-][\w./-]*\.(?:ts|mjs|js|json))`/g);
  return [...code]
    .map(([, path = '']) => path)
    .filter((path) => path.includes('/') || document === 'ARCHITECTURE.md');
}

test('the files that documents name are there', () => {
  const named = documents().flatMap((document) =>
    namedFiles(document).map((file) => ({ document, file })),
  );
  const missing = named.filter(
    ({ document, file }) =>
      ![dirname(document), ...FOLDERS].some((folder) => existsSync(join(root, folder, file))),
  );

  expect(named.length).toBeGreaterThan(15);
  expect(missing).toEqual([]);
});
