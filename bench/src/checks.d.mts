import type { Peer } from './peers.mjs';
import type { Results } from './results.mjs';
import type { Scenario } from './scenarios.mjs';

/** Ours in all variants that are checked under load. */
export const checkedServers: readonly Peer[];

/** `brief` makes one small. */
export const checks: readonly (Scenario & { readonly brief?: Partial<Scenario> })[];

/** A row for each check. */
export function checksTable(results: Results): string;
