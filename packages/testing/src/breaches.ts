import type { Subprotocol } from '@groupcast/protocol';

import type { Breach } from './conduct.ts';
import type { Failure } from './failure.ts';

/** The breaches of rules that no expectation has told of yet. */
export class Breaches {
  readonly #subprotocol: Subprotocol;
  #untold: Breach[] = [];
  #isCloseExpected = false;

  constructor(subprotocol: Subprotocol) {
    this.#subprotocol = subprotocol;
  }

  /** Returns false for a close that the test looks at by itself. */
  add(breach: Breach): boolean {
    if (this.#isCloseExpected && breach.closeCode !== undefined) return false;
    this.#untold.push(breach);
    return true;
  }

  /** The test says itself how the server closes. */
  expectClose(): void {
    this.#isCloseExpected = true;
    this.#untold = this.#untold.filter(({ closeCode }) => closeCode === undefined);
  }

  /** Tells of all, as one failure; undefined when there are none. */
  take(): Failure | undefined {
    const [first, ...others] = this.#untold;
    if (first === undefined) return undefined;
    this.#untold = [];
    return {
      expectation: `The server broke a rule of ${this.#subprotocol}: ${first.rule}`,
      outcome: first.outcome,
      notes: [
        ...(others.length > 0 ? [`After it came ${others.length} more such messages`] : []),
        'With `strict: false` connect() allows that',
      ],
      actual: first.actual,
      expected: first.rule,
    };
  }
}
