import type { Notification } from '../delivery/notification.ts';
import type { Plan } from '../delivery/plan.ts';
import type { Cohort } from '../groups/groups.ts';
import { Fifo } from './fifo.ts';
import type { OperationLog, Wakeable } from './operation-client.ts';
import { Round } from './round.ts';
import type { Scheduler } from './scheduler.ts';

/** How many events may wait for their members; then time is taken for the oldest ones. */
const MOST_WAITING = 1_024;

/** How many may wait in all: only members who answer events with further events come here. */
const FULL_AT = 10_000;

/** One who hears events. */
export interface FanOutMember {
  readonly plan: Plan;
  notify(notification: Notification, missing: number): void;
}

/** One event for all who were in its group when it arrived. */
export interface FanOut<M extends FanOutMember> {
  /** At least one member. The same array as that of another event when nobody came or went. */
  readonly cohorts: readonly Cohort<M>[];
  /** How many events are missing before it. */
  readonly missing: number;
  /** Makes what the members of one cohort are told; called once for each, when its turn comes. */
  readonly notificationFor: (plan: Plan) => Notification;
}

/**
 * Events on their way to the members of their groups, in the order of arrival.
 *
 * Members hear of an event within the call as long as the scheduler has time, and the others in later
 * turns. An event that waits costs the same whether ten members have not heard it or ten thousand.
 */
export class FanOuts<M extends FanOutMember> implements Wakeable {
  readonly #scheduler: Pick<Scheduler, 'hasTime' | 'enqueue'>;
  readonly #log: Pick<OperationLog, 'error'>;
  readonly #rounds = new Fifo<Round<M>>();
  #lastRound: Round<M> | undefined;
  #waiting = 0;
  #unheard = 0;
  #isRunning = false;
  #isQueued = false;

  constructor(scheduler: Pick<Scheduler, 'hasTime' | 'enqueue'>, log: Pick<OperationLog, 'error'>) {
    this.#scheduler = scheduler;
    this.#log = log;
  }

  /** How many events not all of their members have heard. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How many notifications these stand for: each member that has not heard an event counts. */
  get unheard(): number {
    return this.#unheard;
  }

  /** Whether nothing may be broadcast in this process until some were heard. */
  get isFull(): boolean {
    return this.#waiting >= FULL_AT;
  }

  /** Takes an event, after those that it took before. Never throws. */
  add(fanOut: FanOut<M>): void {
    const round = this.#roundFor(fanOut);
    round.add(fanOut);
    this.#waiting += 1;
    this.#unheard += round.size;
    // A member has broadcast it: it waits for its place in the order.
    if (this.#isRunning) return;
    if (!this.#isQueued) this.#run();
    else if (this.#waiting > MOST_WAITING) this.#catchUp();
  }

  wake(): void {
    this.#isQueued = false;
    this.#run();
  }

  /** Only the last round may take it: what arrived before goes first, for all of its members. */
  #roundFor({ cohorts }: FanOut<M>): Round<M> {
    if (this.#lastRound?.isOf(cohorts) === true) return this.#lastRound;
    const round = new Round(cohorts, (error) => {
      this.#log.error({ err: error }, 'An event could not be handled');
    });
    this.#rounds.push(round);
    this.#lastRound = round;
    return round;
  }

  #run(): void {
    this.#isRunning = true;
    while (this.#rounds.first !== undefined && this.#scheduler.hasTime()) this.#step();
    this.#isRunning = false;
    if (this.#rounds.first !== undefined) this.#enqueue();
  }

  /** Lets the oldest event be heard by all, although the slice of this turn is spent. */
  #catchUp(): void {
    const before = this.#waiting;
    this.#isRunning = true;
    while (this.#rounds.first !== undefined && this.#waiting >= before) this.#step();
    this.#isRunning = false;
  }

  #step(): void {
    const round = this.#rounds.first;
    if (round === undefined) return;
    // Before and after: within the step more may be added.
    this.#unheard -= round.eventCount;
    const heard = round.step();
    this.#waiting -= heard;
    if (round.eventCount > 0) return;
    this.#rounds.shift();
    if (this.#rounds.first === undefined) this.#lastRound = undefined;
  }

  #enqueue(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#scheduler.enqueue(this);
  }
}
