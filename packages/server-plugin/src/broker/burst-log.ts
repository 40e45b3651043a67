import type { BrokerLog } from './broker.ts';

/** Milliseconds between two lines. */
const LINE_EVERY_MS = 1_000;

/**
 * Logs what others can bring about as often as they like: one line in a second at most, which says
 * how many times it came since the line before.
 */
export class BurstLog {
  readonly #log: BrokerLog;
  readonly #message: string;
  #count = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(log: BrokerLog, message: string) {
    this.#log = log;
    this.#message = message;
  }

  warn(details: object): void {
    this.#count += 1;
    const now = performance.now();
    if (now - this.#loggedAt < LINE_EVERY_MS) return;
    this.#log.warn({ ...details, count: this.#count }, this.#message);
    this.#count = 0;
    this.#loggedAt = now;
  }
}
