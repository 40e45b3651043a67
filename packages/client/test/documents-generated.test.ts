import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generate } from './documents/generate.mjs';

const folder = new URL('./documents/generated/', import.meta.url);

test('the generated documents are what the tools generate', async () => {
  const made = await generate();

  const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(folder.pathname.length));
  expect(kept.sort()).toEqual([...made.keys()].sort());
  for (const [name, text] of made) {
    expect(readFileSync(new URL(name, folder), 'utf8'), name).toBe(text);
  }
});
