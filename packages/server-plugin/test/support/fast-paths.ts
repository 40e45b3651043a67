import { fastPaths } from '../../src/fast-paths.ts';

// `GROUPCAST_FAST_PATHS=off npm test`: the same tests must pass on the plain ways.
if (process.env['GROUPCAST_FAST_PATHS'] === 'off') {
  fastPaths.compiledExecution = false;
  fastPaths.directWrites = false;
}
