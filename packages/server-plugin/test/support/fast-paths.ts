import { afterEach } from 'vitest';
import { fastPaths } from '../../src/fast-paths.ts';

// `GROUPCAST_FAST_PATHS=off npm test`: the same tests must pass on the plain ways.
if (process.env['GROUPCAST_FAST_PATHS'] === 'off') {
  fastPaths.compiledExecution = false;
  fastPaths.directWrites = false;
}

/** Lets a file turn fast paths on and off: after each of its tests they are as they were. */
export function keepFastPaths(): void {
  const before = { ...fastPaths };
  afterEach(() => {
    Object.assign(fastPaths, before);
  });
}
