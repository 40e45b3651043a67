import type { Outcome } from './run.mjs';
import type { Scenario } from './scenarios.mjs';

/** What all runs gave, and what the table says of it. */
export class Results {
  add(run: { round: number; server: string; scenario: string; outcome: Outcome }): void;
  misses(scenario: Scenario, goal: Scenario['goals'][number]): boolean | undefined;
}
