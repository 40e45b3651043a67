import type { GapReason } from '@groupcast/client';
import type { Message } from './documents.ts';

/** A line of a room: a message, or the place where some were missing. */
export type Entry =
  | {
      readonly kind: 'message';
      readonly time: string;
      readonly message: Message;
      /** It was not heard: it came when the room was fetched again. */
      readonly wasMissed: boolean;
    }
  | {
      readonly kind: 'gap';
      readonly time: string;
      readonly id: string;
      readonly reason: GapReason;
      readonly missed: number;
    };

/** What a page shows of a room. */
export interface RoomState {
  /** In the order of their times. */
  readonly entries: readonly Entry[];
  /** `fetching`: something may be missing, and what the server has is on its way. */
  readonly content: 'fetching' | 'complete';
  /** Why it could not be fetched. */
  readonly problem: string | undefined;
}

/** What happens to a room. */
export type RoomEvent =
  | { readonly name: 'heard' | 'sent'; readonly message: Message }
  /** Something may be missing from here on. */
  | { readonly name: 'fetching' }
  /** `gap` is why it was fetched again; undefined for the first time. */
  | {
      readonly name: 'fetched';
      readonly history: readonly Message[];
      readonly gap: GapReason | undefined;
    }
  | { readonly name: 'failed'; readonly problem: string };

/** The most lines that a page keeps. */
const LONGEST = 200;

export const UNKNOWN_ROOM: RoomState = { entries: [], content: 'fetching', problem: undefined };

/** Moves the state of a room. */
export function moveRoom(state: RoomState, event: RoomEvent): RoomState {
  switch (event.name) {
    case 'heard':
    case 'sent': {
      const added = unknownOf(state, [event.message], false);
      return { ...state, entries: inOrder([...state.entries, ...added]) };
    }
    case 'fetching':
      return { ...state, content: 'fetching', problem: undefined };
    case 'fetched': {
      const added = unknownOf(state, event.history, event.gap !== undefined);
      const marks = event.gap === undefined ? [] : [markGap(state, event.gap, added)];
      const entries = inOrder([...state.entries, ...marks, ...added]);
      return { entries, content: 'complete', problem: undefined };
    }
    case 'failed':
      return { ...state, problem: event.problem };
    default:
      return event satisfies never;
  }
}

/** Those messages that are not there yet: one may be heard and be in the history, too. */
function unknownOf(
  { entries }: RoomState,
  messages: readonly Message[],
  wasMissed: boolean,
): readonly Entry[] {
  const known = new Set(entries.map((entry) => entry.kind === 'message' && entry.message.id));
  return messages
    .filter(({ id }) => !known.has(id))
    .map((message) => ({ kind: 'message', time: message.sentAt, message, wasMissed }));
}

/** Before the first that was missed; at the end when nothing was. */
function markGap({ entries }: RoomState, reason: GapReason, missed: readonly Entry[]): Entry {
  const time = missed[0]?.time ?? entries.at(-1)?.time ?? '';
  const marks = entries.filter(({ kind }) => kind === 'gap').length;
  return { kind: 'gap', time, id: `${time} ${marks}`, reason, missed: missed.length };
}

/** Sorting is stable: what has the same time stays as it came. */
function inOrder(entries: readonly Entry[]): readonly Entry[] {
  const compare = (a: Entry, b: Entry): number => (a.time < b.time ? -1 : Number(a.time > b.time));
  return [...entries].sort(compare).slice(-LONGEST);
}
