import type { Peer } from './peers.mjs';
import type { Results } from './results.mjs';
import type { Scenario } from './scenarios.mjs';

/** Ours in all variants that are checked under load. */
export const checkedServers: readonly Peer[];

export const checks: readonly Scenario[];

/** A row for each check. */
export function checksTable(results: Results): string;
