import type { Broker, BrokerLog } from '../broker/broker.ts';
import { BurstLog } from '../broker/burst-log.ts';
import { type BroadcastEvent, readEvent } from '../broker/event.ts';
import type { Topic } from '../broker/topic.ts';
import type { Cohort, GroupMember } from './cohorts.ts';
import { Group } from './group.ts';
import { Lingering } from './lingering.ts';
import { Losses } from './losses.ts';

export type { Cohort, GroupMember } from './cohorts.ts';

/**
 * Called for each event of a group that has members here, with its members by cohort.
 *
 * On receipt, and one at a time: what arrives during a call follows after it. The cohorts are as
 * they were on arrival, and stay so: who joins later is not among them, but somebody among them
 * may have left since. A throw is logged.
 *
 * @param missing - how many events are missing right before this one, and were not told yet
 */
export type OnEvent<M> = (
  event: BroadcastEvent,
  cohorts: readonly Cohort<M>[],
  missing: number,
) => void;

/** What {@link Groups} is made of. */
export interface GroupsOptions<M> {
  readonly broker: Broker;
  readonly log: BrokerLog;
  readonly onEvent: OnEvent<M>;
  /**
   * Milliseconds that a group stays joined after its last member has left: who joins meanwhile is
   * in at once, and the broker is asked nothing. @default 0
   */
  readonly lingerMs?: number;
}

/** Counts of {@link Groups}. */
export interface GroupsStats {
  /** Groups that have members, or that the broker is leaving; those that linger are none. */
  readonly groups: number;
  readonly cohorts: number;
  /** Memberships: who is in three groups counts three times. */
  readonly members: number;
}

interface Arrival<M> {
  readonly event: BroadcastEvent;
  readonly cohorts: readonly Cohort<M>[];
  readonly missing: number;
}

/** Who is in which group in this process. */
export class Groups<M extends GroupMember> {
  readonly #broker: Broker;
  readonly #log: BrokerLog;
  readonly #onEvent: OnEvent<M>;
  readonly #groups = new Map<Topic, Group<M>>();
  /** Events that arrived while another one is handed on, in their order. */
  readonly #arrivals: Arrival<M>[] = [];
  #isHandingOn = false;
  readonly #lingering: Lingering;
  readonly #losses: Losses;
  readonly #unreadable: BurstLog;
  #outagesTold = 0;

  constructor(options: GroupsOptions<M>) {
    this.#broker = options.broker;
    this.#log = options.log;
    this.#onEvent = options.onEvent;
    this.#losses = new Losses(options.log);
    this.#unreadable = new BurstLog(
      options.log,
      'Unreadable messages on topics of ours were dropped',
    );
    this.#lingering = new Lingering(options.lingerMs ?? 0);
  }

  get stats(): GroupsStats {
    let cohorts = 0;
    let members = 0;
    for (const group of this.#groups.values()) {
      cohorts += group.cohortCount;
      members += group.memberCount;
    }
    return { groups: this.#groups.size - this.lingering, cohorts, members };
  }

  /** How many groups are joined although nobody is in them any more. */
  get lingering(): number {
    return this.#lingering.size;
  }

  /** What was lost or came twice on its way to this process, since the start. */
  get losses(): Pick<Losses, 'lost' | 'duplicates'> {
    return this.#losses;
  }

  /** Whether the broker has answered all that it was asked: every group is joined, or gone. */
  get isSettled(): boolean {
    for (const group of this.#groups.values()) {
      if (!group.isSettled) return false;
    }
    return true;
  }

  /**
   * Puts a member into a group. It is in from the call on, and hears what arrives from then on.
   * Once is enough: joining again changes nothing.
   *
   * @returns undefined when the group is joined already; else resolves when the broker has
   *   acknowledged, or when all who wanted it have left before. When it rejects, with the broker's
   *   error, the member is not in the group
   */
  join(topic: Topic, member: M): Promise<void> | undefined {
    let group = this.#groups.get(topic);
    if (group === undefined) {
      group = this.#createGroup(topic);
      this.#groups.set(topic, group);
    }
    return group.join(member);
  }

  /**
   * Takes a member out of a group, if it is in. Never throws; the cost does not depend on the size
   * of the group.
   */
  leave(topic: Topic, member: M): void {
    this.#groups.get(topic)?.leave(member);
  }

  /** The members of a group as they are now; the result does not change when they do. */
  membersOf(topic: Topic): readonly M[] {
    return this.#groups.get(topic)?.cohorts().flat() ?? [];
  }

  /**
   * Takes a message of the broker, and hands it on as an event. Never throws: what is no message
   * of ours is logged and dropped. What its publisher had sent before, or has numbered as an
   * earlier one, is dropped too.
   *
   * Returns when the event was handed on, or, when called during another one, when it waits its
   * turn.
   */
  receive(topic: Topic, text: string): void {
    const group = this.#groups.get(topic);
    if (group === undefined || group.memberCount === 0) return;
    const event = this.#read(topic, text);
    if (event !== undefined) this.#arrive(event, group);
  }

  /**
   * All members are told of an outage that has just ended. Of each publisher the next event is not
   * reported to have lost any before it: that was told.
   */
  outageTold(): void {
    this.#outagesTold += 1;
  }

  /** Stops all timers, for a broker that closes next: what lingers is forgotten. */
  close(): void {
    this.#lingering.close();
    this.#losses.close();
  }

  /** How many are missing before an event and not told yet; counts and logs all. */
  #missingBefore({ origin, topic }: BroadcastEvent, group: Group<M>): number | 'late' {
    if (origin === undefined) return 0;
    const arrival = group.take(origin, this.#outagesTold);
    if (arrival === 'next') return 0;
    if (arrival === 'late') {
      this.#losses.addDuplicate({ topic, publisher: origin.from, n: origin.n });
      return arrival;
    }
    this.#losses.addLost({ topic, publisher: origin.from, lost: arrival.missing });
    return arrival.isTold ? 0 : arrival.missing;
  }

  #read(topic: Topic, text: string): BroadcastEvent | undefined {
    try {
      return readEvent(topic, text);
    } catch (error) {
      this.#unreadable.warn({ err: error, topic });
      return undefined;
    }
  }

  #arrive(event: BroadcastEvent, group: Group<M>): void {
    const missing = this.#missingBefore(event, group);
    if (missing === 'late') return;
    const cohorts = group.cohorts();
    // During an event somebody may broadcast. Were that handed on in between, who has not got
    // the event yet would get the later one first.
    if (this.#isHandingOn) {
      this.#arrivals.push({ event, cohorts, missing });
      return;
    }
    this.#isHandingOn = true;
    this.#handOn(event, cohorts, missing);
    if (this.#arrivals.length > 0) this.#handOnArrivals();
    this.#isHandingOn = false;
  }

  #handOnArrivals(): void {
    // Also visits what is added meanwhile.
    for (const { event, cohorts, missing } of this.#arrivals) this.#handOn(event, cohorts, missing);
    this.#arrivals.length = 0;
  }

  #handOn(event: BroadcastEvent, cohorts: readonly Cohort<M>[], missing: number): void {
    try {
      this.#onEvent(event, cohorts, missing);
    } catch (error) {
      this.#log.error({ err: error, topic: event.topic }, 'An event could not be handled');
    }
  }

  #createGroup(topic: Topic): Group<M> {
    return new Group({
      topic,
      broker: this.#broker,
      log: this.#log,
      lingering: this.#lingering,
      onOut: () => this.#groups.delete(topic),
    });
  }
}
