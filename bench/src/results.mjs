import { median } from './measure.mjs';
import { BASE, OURS } from './peers.mjs';

/**
 * A cell of the table.
 *
 * @typedef {object} Cell
 * @property {number} value - median: a ratio to raw for `cpu`, else kilobytes
 * @property {number} low
 * @property {number} high
 * @property {number} figure - median, as measured: microseconds or kilobytes
 * @property {number} [perSecond]
 * @property {number} runs
 */

/** What all runs gave, and what the table says of it. */
export class Results {
  /** @type {{ round: number, server: string, scenario: string, outcome: import('./run.mjs').Outcome }[]} */
  #runs = [];

  add(run) {
    this.#runs.push(run);
  }

  /** Runs that don't count, and why. */
  get voids() {
    return this.#runs.filter(({ outcome }) => outcome.void !== undefined);
  }

  /**
   * All runs of a server and a scenario, void ones too.
   *
   * @param {string} server
   * @param {string} scenario
   */
  all(server, scenario) {
    return this.#runs.filter((run) => run.server === server && run.scenario === scenario);
  }

  /** How many count. */
  get valid() {
    return this.#runs.length - this.voids.length;
  }

  /**
   * @param {string} server
   * @param {string} scenario
   * @param {import('./scenarios.mjs').Goal['figure']} figure
   * @returns {Cell | undefined}
   */
  cell(server, scenario, figure) {
    const runs = this.#valid(server, scenario);
    if (runs.length === 0) return undefined;
    const figures = runs.map(({ outcome }) => outcome[figure]);
    const values = figure === 'cpu' ? this.#ratios(runs) : figures;
    if (values.length === 0) return undefined;
    return {
      value: median(values),
      low: Math.min(...values),
      high: Math.max(...values),
      figure: median(figures),
      perSecond:
        figure === 'cpu' ? median(runs.map(({ outcome }) => outcome.perSecond)) : undefined,
      runs: runs.length,
    };
  }

  /** Whether ours misses a goal; undefined when it was not measured. */
  misses(scenario, goal) {
    const cell = this.cell(OURS, scenario.id, goal.figure);
    return cell === undefined ? undefined : cell.value > goal.atMost;
  }

  #valid(server, scenario) {
    return this.all(server, scenario).filter(({ outcome }) => outcome.void === undefined);
  }

  /** To raw in the same round; a run whose round has none is set against the median of all. */
  #ratios(runs) {
    return runs.flatMap(({ round, scenario, outcome }) => {
      const base = this.#valid(BASE, scenario);
      if (base.length === 0) return [];
      const same = base.find((run) => run.round === round);
      const cpu = same?.outcome.cpu ?? median(base.map((run) => run.outcome.cpu));
      return [outcome.cpu / cpu];
    });
  }
}
