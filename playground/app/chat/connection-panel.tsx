import { ClientError } from '@groupcast/client';
import { useClient, useClientStatus } from '@groupcast/client/react';
import { type ReactElement, useState } from 'react';
import { CutConnection, RestartServer } from './documents.ts';
import { type Journal, type JournalEntry, useJournal } from './journal.ts';

interface ConnectionPanelProps {
  readonly room: string | undefined;
  readonly journal: Journal;
}

/** Buttons that break the connection, and what has happened to it. */
export function ConnectionPanel({ room, journal }: ConnectionPanelProps): ReactElement {
  const entries = useJournal(journal);
  return (
    <section className="card connection" aria-labelledby="connection-title">
      <h3 id="connection-title">Break it, and watch</h3>
      <FaultButtons room={room} journal={journal} />
      <section
        className="journal"
        aria-label="What happened to the connection"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <ol>
          {entries.toReversed().map((entry) => (
            <JournalLine key={entry.id} entry={entry} />
          ))}
        </ol>
      </section>
    </section>
  );
}

function FaultButtons({ room, journal }: ConnectionPanelProps): ReactElement {
  const client = useClient();
  const isOpen = useClientStatus().name === 'open';
  const [problem, setProblem] = useState<string>();

  const run = async (what: string, mutate: () => Promise<unknown>): Promise<void> => {
    setProblem(undefined);
    journal.add('note', what);
    try {
      await mutate();
    } catch (error) {
      // That is what was asked for: the answer is lost with the connection.
      if (error instanceof ClientError && error.code === 'CONNECTION_LOST') return;
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const cut = (inRoom: string): void =>
    void run('You cut the line', () => client.mutate(CutConnection, { room: inRoom }));
  const restart = (): void =>
    void run('You restart the server', () => client.mutate(RestartServer));

  return (
    <>
      <div className="faults">
        <button
          type="button"
          disabled={!isOpen || room === undefined}
          onClick={() => room !== undefined && cut(room)}
        >
          Cut my connection
        </button>
        <button type="button" disabled={!isOpen} onClick={restart}>
          Restart the server
        </button>
      </div>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });

function JournalLine({ entry: { at, tone, text } }: { entry: JournalEntry }): ReactElement {
  return (
    <li data-tone={tone}>
      <time dateTime={at.toISOString()}>{clock.format(at)}</time> {text}
    </li>
  );
}
