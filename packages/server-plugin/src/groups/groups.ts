import type { Broker, BrokerLog } from '../broker/broker.ts';
import { type BroadcastEvent, readEvent } from '../broker/event.ts';
import type { Topic } from '../broker/topic.ts';
import type { Cohort, GroupMember } from './cohorts.ts';
import { Group } from './group.ts';

export type { Cohort, GroupMember } from './cohorts.ts';

/**
 * Called for each event of a group that has members here, with its members by cohort.
 *
 * On receipt, and one at a time: what arrives during a call follows after it. The cohorts are as
 * they were on arrival, and stay so: who joins later is not among them, but somebody among them
 * may have left since. A throw is logged.
 */
export type OnEvent<M> = (event: BroadcastEvent, cohorts: readonly Cohort<M>[]) => void;

/** What {@link Groups} is made of. */
export interface GroupsOptions<M> {
  readonly broker: Broker;
  readonly log: BrokerLog;
  readonly onEvent: OnEvent<M>;
}

/** Counts of {@link Groups}. */
export interface GroupsStats {
  /** Groups that have members, or that the broker has not left yet. */
  readonly groups: number;
  readonly cohorts: number;
  /** Memberships: who is in three groups counts three times. */
  readonly members: number;
}

interface Arrival<M> {
  readonly event: BroadcastEvent;
  readonly cohorts: readonly Cohort<M>[];
}

/** Who is in which group in this process. */
export class Groups<M extends GroupMember> {
  readonly #broker: Broker;
  readonly #log: BrokerLog;
  readonly #onEvent: OnEvent<M>;
  readonly #groups = new Map<Topic, Group<M>>();
  /** Events to be handed on, in the order of arrival; the first is being handed on now. */
  readonly #arrivals: Arrival<M>[] = [];

  constructor(options: GroupsOptions<M>) {
    this.#broker = options.broker;
    this.#log = options.log;
    this.#onEvent = options.onEvent;
  }

  get stats(): GroupsStats {
    let cohorts = 0;
    let members = 0;
    for (const group of this.#groups.values()) {
      cohorts += group.cohortCount;
      members += group.memberCount;
    }
    return { groups: this.#groups.size, cohorts, members };
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
   * of ours is logged and dropped.
   *
   * Returns when the event was handed on, or, when called during another one, when it waits its
   * turn.
   */
  receive(topic: Topic, text: string): void {
    const cohorts = this.#groups.get(topic)?.cohorts() ?? [];
    if (cohorts.length === 0) return;
    const event = this.#read(topic, text);
    if (event === undefined) return;
    // During an event somebody may broadcast. Were that handed on in between, who has not got
    // the event yet would get the later one first.
    if (this.#arrivals.push({ event, cohorts }) === 1) this.#handOn();
  }

  #read(topic: Topic, text: string): BroadcastEvent | undefined {
    try {
      return readEvent(topic, text);
    } catch (error) {
      this.#log.warn({ err: error, topic }, 'An unreadable message on a topic of ours was dropped');
      return undefined;
    }
  }

  #handOn(): void {
    // Also visits what is added meanwhile.
    for (const { event, cohorts } of this.#arrivals) {
      try {
        this.#onEvent(event, cohorts);
      } catch (error) {
        this.#log.error({ err: error, topic: event.topic }, 'An event could not be handled');
      }
    }
    this.#arrivals.length = 0;
  }

  #createGroup(topic: Topic): Group<M> {
    return new Group({
      topic,
      broker: this.#broker,
      log: this.#log,
      onOut: () => this.#groups.delete(topic),
    });
  }
}
