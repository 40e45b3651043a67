import type { Origin } from '../broker/envelope.ts';

/**
 * What the number of an event says.
 *
 * - `next`: nothing is missing before it
 * - `late`: it was here before, or was given up when a later one came
 * - a {@link Hole}: some are missing before it
 */
export type Arrival = 'next' | 'late' | Hole;

/** Events that should have come before the one that did. */
export interface Hole {
  readonly missing: number;
  /** Whether they fall into an outage that was told as such. */
  readonly isTold: boolean;
}

interface Publisher {
  /** The number of its last event. */
  last: number;
  /** How many events of all publishers had arrived by then. */
  arrivedAt: number;
  /** How many outages had been told by then. */
  outages: number;
}

/** Each costs about 110 bytes in each group. */
const PUBLISHERS = 256;

/**
 * The numbers of the events that have arrived for one group, by publisher.
 *
 * The first event of a publisher says nothing but where its numbers are. Bounded: of too many
 * publishers the one that has been silent for the longest is forgotten.
 */
export class Arrivals {
  readonly #limit: number;
  /** Absent until the first numbered event: most groups of many are quiet. */
  #publishers: Map<string, Publisher> | undefined;
  #arrived = 0;

  constructor(publishers: number = PUBLISHERS) {
    this.#limit = publishers;
  }

  /**
   * Takes note of an event.
   *
   * @param outages - how many outages of the broker were told so far. Of each publisher the first
   *   event after one may be preceded by such as were lost in it
   */
  take({ from, n }: Origin, outages: number): Arrival {
    this.#arrived += 1;
    const publisher = this.#publishers?.get(from);
    if (publisher === undefined) {
      this.#add(from, { last: n, arrivedAt: this.#arrived, outages });
      return 'next';
    }
    if (n <= publisher.last) return 'late';
    const missing = n - publisher.last - 1;
    const isTold = publisher.outages !== outages;
    publisher.last = n;
    publisher.arrivedAt = this.#arrived;
    publisher.outages = outages;
    return missing === 0 ? 'next' : { missing, isTold };
  }

  /** Forgets all publishers: what is sent from now on until their next events is no loss. */
  forget(): void {
    this.#publishers = undefined;
  }

  #add(from: string, publisher: Publisher): void {
    this.#publishers ??= new Map();
    if (this.#publishers.size >= this.#limit) this.#forgetMostSilent(this.#publishers);
    this.#publishers.set(from, publisher);
  }

  /** Looks at all of them, so that an event of a known publisher costs no more than a look-up. */
  #forgetMostSilent(publishers: Map<string, Publisher>): void {
    let silent: string | undefined;
    let since = Number.POSITIVE_INFINITY;
    for (const [from, { arrivedAt }] of publishers) {
      if (arrivedAt >= since) continue;
      silent = from;
      since = arrivedAt;
    }
    if (silent !== undefined) publishers.delete(silent);
  }
}
