import { afterAll, describe } from 'vitest';
import { extractModules } from './support/extracted-modules.ts';

// The blocks are tests for Vitest: to import them here is to run them here.
const { modules, remove } = extractModules();
afterAll(remove);

for (const { block, file } of modules.filter(({ block }) => block.fileName?.endsWith('.test.ts'))) {
  describe(`the test block of ${block.document}`, async () => {
    await import(file);
  });
}
