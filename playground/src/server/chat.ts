import { randomUUID } from 'node:crypto';
import { ChatError } from './chat-error.ts';
import type { ChatStore, Draft, Message } from './chat-store.ts';

/** The most characters of a name. */
export const NAME_LENGTH = 40;
/** The most characters of a message's text. */
export const TEXT_LENGTH = 2_000;

/** The rooms, and what is said in them. */
export class Chat {
  readonly rooms: readonly string[];
  readonly #store: ChatStore;

  constructor(rooms: readonly string[], store: ChatStore) {
    this.rooms = rooms;
    this.#store = store;
  }

  /**
   * The latest messages of a room, the oldest first.
   *
   * @throws ChatError when there is no such room, or when the store can't be reached
   */
  async history(room: string): Promise<readonly Message[]> {
    this.requireRoom(room);
    return this.#store.latest(room);
  }

  /**
   * Keeps a message.
   *
   * @throws ChatError when there is no such room, when the text is blank or too long, or when the
   *   store can't be reached
   */
  async add({ room, author, text }: Draft): Promise<Message> {
    this.requireRoom(room);
    if (text.trim() === '' || text.length > TEXT_LENGTH) {
      throw new ChatError(`A message has 1 to ${TEXT_LENGTH} characters`, 400);
    }
    const message = { id: randomUUID(), room, author, text, sentAt: new Date() };
    await this.#store.add(message);
    return message;
  }

  /** @throws ChatError when there is no such room */
  requireRoom(room: string): void {
    if (this.rooms.includes(room)) return;
    throw new ChatError(`There is no room "${room.slice(0, NAME_LENGTH)}"`, 404);
  }
}
