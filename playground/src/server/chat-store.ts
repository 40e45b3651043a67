import { randomUUID } from 'node:crypto';
import { ChatError } from './chat-error.ts';

/** The most characters of a name. */
export const NAME_LENGTH = 40;
/** The most characters of a message's text. */
export const TEXT_LENGTH = 2_000;
/** How many messages of a room are kept. */
export const HISTORY_LENGTH = 100;

/** What somebody says. */
export interface Draft {
  readonly room: string;
  readonly author: string;
  readonly text: string;
}

/** What somebody said. */
export interface Message extends Draft {
  /** Unique in the world. */
  readonly id: string;
  readonly sentAt: Date;
}

/** The rooms and their latest messages, in memory: they are gone when the process ends. */
export class ChatStore {
  readonly #messages: Map<string, Message[]>;

  constructor(rooms: readonly string[]) {
    this.#messages = new Map(rooms.map((room) => [room, []]));
  }

  /** The names of all rooms. */
  get rooms(): readonly string[] {
    return [...this.#messages.keys()];
  }

  /**
   * The latest messages of a room, the oldest first; at most {@link HISTORY_LENGTH}.
   *
   * @throws ChatError when there is no such room
   */
  history(room: string): readonly Message[] {
    return [...this.#find(room)];
  }

  /**
   * Keeps a message, and forgets the room's oldest when there are too many.
   *
   * @throws ChatError when there is no such room, or when the text is blank or too long
   */
  add({ room, author, text }: Draft): Message {
    const messages = this.#find(room);
    if (text.trim() === '' || text.length > TEXT_LENGTH) {
      throw new ChatError(`A message has 1 to ${TEXT_LENGTH} characters`, 400);
    }
    const message = { id: randomUUID(), room, author, text, sentAt: new Date() };
    messages.push(message);
    if (messages.length > HISTORY_LENGTH) messages.shift();
    return message;
  }

  /** @throws ChatError when there is no such room */
  requireRoom(room: string): void {
    this.#find(room);
  }

  #find(room: string): Message[] {
    const messages = this.#messages.get(room);
    if (messages) return messages;
    throw new ChatError(`There is no room "${room.slice(0, NAME_LENGTH)}"`, 404);
  }
}
