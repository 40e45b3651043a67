import type { Client, ClientStatus } from '@groupcast/client';
import { useSyncExternalStore } from 'react';

/** How an entry is meant: its colour. */
export type Tone = 'good' | 'wait' | 'bad' | 'note';

/** Something that has happened to the connection, or to what came over it. */
export interface JournalEntry {
  readonly id: number;
  readonly at: Date;
  readonly tone: Tone;
  readonly text: string;
}

const LONGEST = 50;

/** What has happened to the connection of this page, the newest last. */
export class Journal {
  readonly #listeners = new Set<() => void>();
  #entries: readonly JournalEntry[] = [];
  #lastId = 0;

  /** Writes down by itself what the connection does. */
  constructor(client: Client) {
    client.on('status', (status) => {
      const { tone, text } = describeStatus(status);
      this.add(tone, text);
    });
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  add(tone: Tone, text: string): void {
    this.#lastId += 1;
    const entry = { id: this.#lastId, at: new Date(), tone, text };
    this.#entries = [...this.#entries, entry].slice(-LONGEST);
    for (const listener of this.#listeners) listener();
  }

  /** Calls back on each new entry; the result stops that. */
  readonly on = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
}

/** The entries of a journal; renders again on each new one. */
export function useJournal(journal: Journal): readonly JournalEntry[] {
  return useSyncExternalStore(journal.on, () => journal.entries);
}

function describeStatus(status: ClientStatus): Pick<JournalEntry, 'tone' | 'text'> {
  switch (status.name) {
    case 'idle':
      return { tone: 'note', text: 'Connection closed: nothing needs it' };
    case 'connecting':
      return { tone: 'note', text: status.attempt > 0 ? 'Dialling again' : 'Dialling' };
    case 'open':
      return { tone: 'good', text: 'Connected' };
    case 'waiting':
      return { tone: 'bad', text: `Connection lost: ${reasonOf(status.error)}` };
    case 'offline':
      return { tone: 'bad', text: 'Connection lost: there is no network' };
    case 'closed':
      return { tone: 'bad', text: `Given up: ${status.error.message}` };
    default:
      return status satisfies never;
  }
}

function reasonOf({ message, closeCode }: { message: string; closeCode?: number | undefined }) {
  if (closeCode === 1006) return 'the line was cut (1006)';
  return closeCode === undefined ? message : `${message} (${closeCode})`;
}
