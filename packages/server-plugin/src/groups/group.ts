import type { Broker, BrokerLog } from '../broker/broker.ts';
import type { Ticket } from '../broker/deadline-queue.ts';
import type { Origin } from '../broker/envelope.ts';
import type { Topic } from '../broker/topic.ts';
import { type Arrival, Arrivals } from './arrivals.ts';
import { type Cohort, Cohorts, type GroupMember } from './cohorts.ts';
import type { Lingering, LingeringGroup } from './lingering.ts';

/**
 * What the broker knows of a group. Members come and go in every state; the broker is asked for
 * one thing at a time.
 *
 * - `out`: nothing; the group can be forgotten
 * - `joining`: it was asked to join and has not answered; all who join meanwhile wait for that
 *   `answer`
 * - `joined`: messages come in
 * - `lingering`: as `joined`, but nobody is in it, and it will be left when its `ticket` expires
 * - `leaving`: it was asked to leave, and will have `left`
 * - `returning`: as `leaving`, but somebody joined meanwhile; `answer` is that of the join which
 *   follows
 */
type GroupState =
  | { readonly name: 'out' }
  | { readonly name: 'joining'; readonly answer: Promise<void> }
  | { readonly name: 'joined' }
  | { readonly name: 'lingering'; readonly ticket: Ticket<LingeringGroup> }
  | { readonly name: 'leaving'; readonly left: Promise<void> }
  | { readonly name: 'returning'; readonly answer: Promise<void> };

/** What {@link Group} is made of. */
export interface GroupOptions {
  readonly topic: Topic;
  readonly broker: Broker;
  readonly log: BrokerLog;
  /** Where it may stay for a while when its last member has left. */
  readonly lingering: Lingering;
  /** Called when the group has no members and the broker has left it. It is not used again then. */
  readonly onOut: (topic: Topic) => void;
}

/** One group in this process: its members, and whether the broker brings its messages. */
export class Group<M extends GroupMember> implements LingeringGroup {
  readonly #topic: Topic;
  readonly #broker: Broker;
  readonly #log: BrokerLog;
  readonly #lingering: Lingering;
  readonly #onOut: (topic: Topic) => void;
  readonly #cohorts = new Cohorts<M>();
  readonly #arrivals = new Arrivals();
  #state: GroupState = { name: 'out' };
  /** Whether all who waited for the join that is under way have left meanwhile. */
  #isAbandoned = false;

  constructor(options: GroupOptions) {
    this.#topic = options.topic;
    this.#broker = options.broker;
    this.#log = options.log;
    this.#lingering = options.lingering;
    this.#onOut = options.onOut;
  }

  get cohortCount(): number {
    return this.#cohorts.cohortCount;
  }

  get memberCount(): number {
    return this.#cohorts.memberCount;
  }

  /** Whether nothing is asked of the broker at the moment. */
  get isSettled(): boolean {
    const { name } = this.#state;
    return name === 'joined' || name === 'lingering' || name === 'out';
  }

  /** The members as they are now, by cohort; the result does not change. */
  cohorts(): readonly Cohort<M>[] {
    return this.#cohorts.snapshot();
  }

  /** Takes note of an event that its members will hear; see {@link Arrivals.take}. */
  take(origin: Origin, outages: number): Arrival {
    return this.#arrivals.take(origin, outages);
  }

  /**
   * Adds a member, at once; the result settles with the broker's answer, if it is still to come.
   */
  join(member: M): Promise<void> | undefined {
    this.#cohorts.add(member);
    switch (this.#state.name) {
      case 'joined':
        return undefined;
      case 'lingering':
        this.#lingering.delete(this.#state.ticket);
        this.#state = { name: 'joined' };
        return undefined;
      case 'joining':
      case 'returning':
        return this.#state.answer;
      case 'leaving':
        return this.#returnAfter(this.#state.left);
      case 'out':
        return this.#startJoining();
      default:
        return this.#state satisfies never;
    }
  }

  /**
   * Removes a member, at once. In all states but `joined` the broker's answer, or time, decides
   * what follows.
   */
  leave(member: M): void {
    this.#cohorts.delete(member);
    if (this.memberCount > 0) return;
    // What comes while nobody is there is no loss for anybody.
    this.#arrivals.forget();
    if (this.#state.name === 'joined') this.#startLingering();
    if (this.#state.name === 'joining') {
      this.#isAbandoned = true;
      this.#broker.abandon(this.#topic);
    }
  }

  expired(): void {
    if (this.#state.name === 'lingering') this.#startLeaving();
  }

  brokerCloses(): void {
    if (this.#state.name === 'lingering') this.#out();
  }

  #startJoining(): Promise<void> {
    // Until the broker has acknowledged nobody counts on anything.
    this.#arrivals.forget();
    this.#isAbandoned = false;
    const answer = handled(
      this.#broker.join(this.#topic).then(
        () => this.#acknowledged(),
        (error: unknown) => this.#refused(error),
      ),
    );
    this.#state = { name: 'joining', answer };
    return answer;
  }

  #acknowledged(): void {
    if (this.memberCount === 0) this.#startLingering();
    else this.#state = { name: 'joined' };
  }

  #refused(error: unknown): Promise<void> {
    // Who has come since it was abandoned has not been refused.
    const mustReturn = this.#isAbandoned && this.memberCount > 0;
    if (!mustReturn) this.#cohorts.clear();
    // The broker may have heard the half of it.
    const left = this.#startLeaving();
    return mustReturn ? this.#returnAfter(left) : Promise.reject(error);
  }

  #startLingering(): void {
    const ticket = this.#lingering.add(this);
    if (ticket === undefined) this.#startLeaving();
    else this.#state = { name: 'lingering', ticket };
  }

  #startLeaving(): Promise<void> {
    const left = this.#broker.leave(this.#topic).catch((error: unknown) => {
      this.#log.warn({ err: error, topic: this.#topic }, 'The broker could not leave a group');
    });
    this.#state = { name: 'leaving', left };
    void left.then(() => {
      if (this.#state.name === 'leaving') this.#out();
    });
    return left;
  }

  #returnAfter(left: Promise<void>): Promise<void> {
    const answer = handled(left.then(() => this.#return()));
    this.#state = { name: 'returning', answer };
    return answer;
  }

  /** After the broker has left: joins again, unless those who wanted it have gone too. */
  #return(): Promise<void> | undefined {
    if (this.memberCount > 0) return this.#startJoining();
    this.#out();
    return undefined;
  }

  #out(): void {
    this.#state = { name: 'out' };
    this.#onOut(this.#topic);
  }
}

/**
 * Who has left by the time of a refusal does not wait for it any more; that must not end the
 * process.
 */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
