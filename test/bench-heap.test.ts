import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const TIMEOUT_MS = 120_000;

/** What the script says of a small load, and whether it found nothing. */
function heapGrowth(server: string): Promise<{ isClean: boolean; said: string }> {
  const script = fileURLToPath(new URL('../scripts/heap-growth.mjs', import.meta.url));
  const load = ['--deliveries', '20000', '--cycles', '1000'];
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...load, '--server', server], (error, stdout, stderr) =>
      resolve({ isClean: error === null, said: stdout + stderr }),
    );
  });
}

test(
  'the heap keeps nothing of deliveries, nor of clients that came and went',
  async () => {
    const { isClean, said } = await heapGrowth('ours');

    expect(isClean, said).toBe(true);
    expect(said).toContain('Nothing grew');
  },
  TIMEOUT_MS,
);

test(
  'what is kept of each connection is named by its class',
  async () => {
    const { isClean, said } = await heapGrowth(
      new URL('../bench/test/leaky-server.mjs', import.meta.url).href,
    );

    expect(isClean).toBe(false);
    expect(said).toContain('LEAK: 1000 more of Visitor; allowed are 20');
  },
  TIMEOUT_MS,
);
