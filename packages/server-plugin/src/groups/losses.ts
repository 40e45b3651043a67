import type { BrokerLog } from '../broker/broker.ts';
import type { Topic } from '../broker/topic.ts';

/** Events of one group that were lost on their way to this process. */
export interface Loss {
  readonly topic: Topic;
  /** Whose events. */
  readonly publisher: string;
  readonly lost: number;
}

/** A storm of holes makes at most one line in this time. */
const LINE_EVERY_MS = 1_000;

/** A line names no more groups than this. */
const GROUPS_PER_LINE = 10;

/**
 * Counts events that were lost on their way here, and logs them: the first at once, those of the
 * next second in one line at its end.
 */
export class Losses {
  readonly #log: BrokerLog;
  #lost = 0;
  #duplicates = 0;
  /** Those that were not logged yet: how many events, and the last hole of some of the groups. */
  #unlogged = 0;
  readonly #groups = new Map<Topic, Loss>();
  /** Runs for as long as the next line must wait. */
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(log: BrokerLog) {
    this.#log = log;
  }

  /** How many events are known to be lost, since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** How many events came twice, or after a later one, since the start; they were dropped. */
  get duplicates(): number {
    return this.#duplicates;
  }

  addLost(loss: Loss): void {
    this.#lost += loss.lost;
    if (this.#timer === undefined) {
      this.#write(loss);
      this.#pause();
      return;
    }
    this.#unlogged += loss.lost;
    const sofar = this.#groups.get(loss.topic)?.lost ?? 0;
    if (sofar === 0 && this.#groups.size >= GROUPS_PER_LINE) return;
    this.#groups.set(loss.topic, { ...loss, lost: sofar + loss.lost });
  }

  addDuplicate(details: object): void {
    this.#duplicates += 1;
    this.#log.debug(details, 'An event that came twice or late was dropped');
  }

  /** Logs what is left, and stops the timer; what comes later is logged at once. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flush();
  }

  #pause(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#flush()) this.#pause();
    }, LINE_EVERY_MS);
    // It has nothing to say that would be worth keeping a process alive.
    this.#timer.unref();
  }

  /** Whether there was something to log. */
  #flush(): boolean {
    const lost = this.#unlogged;
    if (lost === 0) return false;
    const groups = [...this.#groups.values()];
    this.#unlogged = 0;
    this.#groups.clear();
    const [only, ...others] = groups;
    this.#write(only !== undefined && others.length === 0 ? only : { lost, groups });
    return true;
  }

  #write(details: object): void {
    this.#log.warn(details, 'Events were lost on their way to this process');
  }
}
