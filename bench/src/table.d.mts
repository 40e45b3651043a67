import type { Peer } from './peers.mjs';
import type { Results } from './results.mjs';
import type { Scenario } from './scenarios.mjs';

/** The table: a row for each goal, ours first, then everyone's ratio to raw. */
export function mainTable(
  results: Results,
  scenarios: readonly Scenario[],
  servers: readonly Peer[],
): string;

/** The runs that don't count, and why. */
export function voidLines(results: Results): string[];
