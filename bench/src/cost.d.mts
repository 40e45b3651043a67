import type { Peer } from './peers.mjs';

/** The most that ours may cost, as ratios to raw by scenario. */
export const costLimits: Readonly<Record<string, number>>;

/** Measures a server beside raw; by scenario, how much CPU it takes for each of raw. */
export function costRatios(server: Peer, rounds?: number): Promise<Record<string, number>>;

/** A line for each ratio that is over its limit. */
export function overLimits(ratios: Readonly<Record<string, number>>): string[];
