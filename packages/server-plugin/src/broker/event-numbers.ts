import { randomBytes } from 'node:crypto';
import type { Origin } from './envelope.ts';
import type { Topic } from './topic.ts';

/** How many topics one publisher counts for; about 14 MB when it is full. */
const TOPICS = 100_000;

/**
 * Numbers the events of one publisher, for each topic from 1 on, so that who receives them sees
 * when one is missing.
 *
 * Bounded: when it counts for too many topics it forgets them all and takes a fresh id, so that
 * nobody takes the numbers that begin anew for old ones.
 */
export class EventNumbers {
  readonly #topics: number;
  /** The last number of each; an object, so that the next one costs one look-up. */
  readonly #last = new Map<Topic, { n: number }>();
  #from = createId();

  constructor(topics: number = TOPICS) {
    this.#topics = topics;
  }

  /** The origin of the next event on a topic. It must be sent, in the order of these calls. */
  next(topic: Topic): Origin {
    const last = this.#last.get(topic) ?? this.#begin(topic);
    last.n += 1;
    return { from: this.#from, n: last.n };
  }

  #begin(topic: Topic): { n: number } {
    if (this.#last.size >= this.#topics) {
      this.#last.clear();
      this.#from = createId();
    }
    const last = { n: 0 };
    this.#last.set(topic, last);
    return last;
  }
}

/** 72 random bits in 12 characters. */
function createId(): string {
  return randomBytes(9).toString('base64url');
}
