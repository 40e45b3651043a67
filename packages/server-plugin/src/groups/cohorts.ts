/** One who hears a group's events. */
export interface GroupMember {
  /**
   * Members whose keys are the same value, as a Map compares them, form a cohort. It must not
   * change while it is a member.
   */
  readonly cohortKey: unknown;
}

/**
 * The members of a group that have the same key, as they were at one moment.
 *
 * In the order in which they joined; at least one.
 */
export type Cohort<M> = readonly M[];

/** The members of one cohort, and the list of them as long as it is true. */
interface Members<M> {
  readonly set: Set<M>;
  snapshot: Cohort<M> | undefined;
}

/**
 * The members of one group, by cohort.
 *
 * Adding and removing cost the same however many there are. A snapshot costs something only after
 * a change.
 */
export class Cohorts<M extends GroupMember> {
  readonly #byKey = new Map<unknown, Members<M>>();
  #snapshot: readonly Cohort<M>[] | undefined;
  #memberCount = 0;

  get cohortCount(): number {
    return this.#byKey.size;
  }

  get memberCount(): number {
    return this.#memberCount;
  }

  /** Adds a member; nothing changes when it is one. */
  add(member: M): void {
    const key = member.cohortKey;
    let members = this.#byKey.get(key);
    if (members === undefined) {
      members = { set: new Set(), snapshot: undefined };
      this.#byKey.set(key, members);
    }
    if (members.set.has(member)) return;
    members.set.add(member);
    this.#changed(members, 1);
  }

  /** Takes a member out; nothing changes when it is none. */
  delete(member: M): void {
    const key = member.cohortKey;
    const members = this.#byKey.get(key);
    if (members === undefined || !members.set.delete(member)) return;
    if (members.set.size === 0) this.#byKey.delete(key);
    this.#changed(members, -1);
  }

  clear(): void {
    this.#byKey.clear();
    this.#snapshot = undefined;
    this.#memberCount = 0;
  }

  /** All cohorts as they are now; what happens later does not change the result. */
  snapshot(): readonly Cohort<M>[] {
    this.#snapshot ??= Array.from(this.#byKey.values(), (members) => {
      members.snapshot ??= [...members.set];
      return members.snapshot;
    });
    return this.#snapshot;
  }

  #changed(members: Members<M>, difference: 1 | -1): void {
    members.snapshot = undefined;
    this.#snapshot = undefined;
    this.#memberCount += difference;
  }
}
