import { type ChatStore, HISTORY_LENGTH, type Message, type Visit } from './chat-store.ts';

/** Keeps messages in memory: other processes don't see them, and they are gone when this one ends. */
export class MemoryStore implements ChatStore {
  readonly #messages = new Map<string, Message[]>();
  readonly #visits = new Map<string, Visit>();

  async latest(room: string): Promise<readonly Message[]> {
    return [...(this.#messages.get(room) ?? [])];
  }

  async add(message: Message): Promise<void> {
    const messages = this.#messages.get(message.room) ?? [];
    this.#messages.set(message.room, [...messages, message].slice(-HISTORY_LENGTH));
  }

  async enter(visit: Visit): Promise<void> {
    this.#visits.set(visit.id, visit);
  }

  async leave({ id }: Visit): Promise<void> {
    this.#visits.delete(id);
  }

  async visitors(room: string): Promise<readonly string[]> {
    const visits = [...this.#visits.values()].filter((visit) => visit.room === room);
    return [...new Set(visits.map(({ name }) => name))].sort();
  }

  close(): void {
    this.#messages.clear();
    this.#visits.clear();
  }
}
