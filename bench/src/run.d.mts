import type { Peer } from './peers.mjs';
import type { Scenario } from './scenarios.mjs';

/** What came of a run. */
export interface Outcome {
  /** Why it does not count. */
  readonly void?: string;
  /** Microseconds of the server's CPU per delivery, query or connection. */
  readonly cpu?: number;
  readonly perSecond?: number;
  readonly rssKb?: number;
  readonly liveKb?: number;
  /** Messages that were checked. */
  readonly delivered?: number;
  /** Messages that the server dropped and said so. */
  readonly told?: number;
}

/** Runs a scenario against a server, in fresh processes. Never rejects: what fails makes it void. */
export function run(options: {
  readonly server: Peer;
  readonly scenario: Scenario;
  readonly isPinned: boolean;
  readonly profileFile?: string;
  readonly stallMs?: number;
}): Promise<Outcome>;
