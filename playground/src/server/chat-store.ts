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

/** Milliseconds after which a visit is over that is not renewed. */
export const VISIT_MS = 30_000;

/** Somebody who looks at a room. */
export interface Visit {
  /** Unique in the world. */
  readonly id: string;
  readonly room: string;
  readonly name: string;
}

/** Where it is kept what is said, and who is here. */
export interface ChatStore {
  /** The latest messages of a room, the oldest first; at most {@link HISTORY_LENGTH}. */
  latest(room: string): Promise<readonly Message[]>;
  /** Keeps a message, and forgets the room's oldest when there are too many. */
  add(message: Message): Promise<void>;
  /** Notes a visit, or renews it: it lasts for {@link VISIT_MS}, where it may outlive its process. */
  enter(visit: Visit): Promise<void>;
  leave(visit: Visit): Promise<void>;
  /** The names of those in a room, each once, in order. */
  visitors(room: string): Promise<readonly string[]>;
  close(): void;
}
