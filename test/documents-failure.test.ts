import { afterAll, expect, test } from 'vitest';
import { codeBlocks } from './support/code-blocks.ts';
import { extractModules } from './support/extracted-modules.ts';

const GUIDE = 'docs/testing.md';

const { modules, remove } = extractModules();
afterAll(remove);

/** The text without what differs from run to run. */
function masked(text: string): string {
  return text.replaceAll(/ +\d+\.\d ms {2}/g, '  ? ms  ');
}

test('the guide shows a failure as it really is', async () => {
  const example = modules.find(
    ({ block }) => block.document === GUIDE && block.fileName === 'failing.ts',
  );
  const shown = codeBlocks(GUIDE).find(({ text }) => text.includes('The exchange:'));

  const { fail }: { fail: () => Promise<void> } = await import(example?.file ?? '');
  const failure: unknown = await fail().catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(Error);
  expect(masked(shown?.text ?? '')).toBe(masked(failure instanceof Error ? failure.message : ''));
});
