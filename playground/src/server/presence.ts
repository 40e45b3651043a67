import { type ChatStore, VISIT_MS, type Visit } from './chat-store.ts';

/** Milliseconds between two renewals: several before a visit is over. */
const RENEW_MS = VISIT_MS / 3;

/** Tells a room who is in it. */
export type TellRoom = (room: string, names: readonly string[]) => Promise<unknown>;

/**
 * Who is in which room: a visit for each subscription that asks.
 *
 * Visits of this process are renewed while they last, and their rooms told again: visits of a process
 * that was killed end by themselves, and nobody else would say so.
 */
export class Presence {
  readonly #store: ChatStore;
  readonly #tell: TellRoom;
  readonly #visits = new Map<string, Visit>();
  readonly #timer: NodeJS.Timeout;

  constructor(store: ChatStore, tell: TellRoom) {
    this.#store = store;
    this.#tell = tell;
    this.#timer = setInterval(() => void this.#renew().catch(() => undefined), RENEW_MS).unref();
  }

  /** Notes that somebody has come, tells the room, and says who is in it now. */
  async enter(visit: Visit): Promise<readonly string[]> {
    this.#visits.set(visit.id, visit);
    await this.#store.enter(visit);
    return this.#update(visit.room);
  }

  /** Notes that somebody has gone, and tells the room. */
  async leave(id: string): Promise<void> {
    const visit = this.#visits.get(id);
    if (visit === undefined) return;
    this.#visits.delete(id);
    await this.#store.leave(visit);
    await this.#update(visit.room);
  }

  /** Stops renewing. */
  close(): void {
    clearInterval(this.#timer);
  }

  async #renew(): Promise<void> {
    const visits = [...this.#visits.values()];
    await Promise.all(visits.map((visit) => this.#store.enter(visit)));
    const rooms = new Set(visits.map(({ room }) => room));
    await Promise.all([...rooms].map((room) => this.#update(room)));
  }

  async #update(room: string): Promise<readonly string[]> {
    const names = await this.#store.visitors(room);
    // While the broker is away nobody hears it; it is told again soon.
    await this.#tell(room, names).catch(() => undefined);
    return names;
  }
}
