import { useSubscription } from '@groupcast/client/react';
import type { ReactElement } from 'react';
import { Avatar } from './avatar.tsx';
import { OnPresence } from './documents.ts';
import type { Journal } from './journal.ts';
import { MessageForm } from './message-form.tsx';
import { MessageList } from './message-list.tsx';
import { type Continuity, useRoom } from './use-room.ts';
import { useSending } from './use-sending.ts';
import { describeTypists, useTypists } from './use-typists.ts';

interface RoomPanelProps {
  readonly room: string;
  readonly ownName: string;
  readonly journal: Journal;
}

/** One room: who is here, what is said, who types, and the field to say something. */
export function RoomPanel({ room: name, ownName, journal }: RoomPanelProps): ReactElement {
  const typists = useTypists(name);
  const room = useRoom(name, journal, typists.finish);
  const { pending, send } = useSending(name, room.showSent);
  return (
    <section className="card room" aria-labelledby="room-title">
      <header>
        <h3 id="room-title">
          <span aria-hidden="true"># </span>
          {name}
        </h3>
        <ContinuityBadge continuity={room.continuity} />
        <People room={name} ownName={ownName} />
      </header>
      <MessageList room={room} pending={pending} ownName={ownName} />
      <p className="typing" aria-live="polite">
        {describeTypists(typists.names)}
      </p>
      {room.problem !== undefined && (
        <div className="problem" role="alert">
          <p>{room.problem}</p>
          <button type="button" onClick={room.tryAgain}>
            Try again
          </button>
        </div>
      )}
      <MessageForm room={name} send={send} />
    </section>
  );
}

const BADGES = {
  live: ['good', 'Live'],
  away: ['bad', 'Missing what is said now'],
  fetching: ['wait', 'Fetching …'],
  ended: ['bad', 'Ended'],
} as const satisfies Record<Continuity, readonly [tone: string, text: string]>;

/** Whether what is shown can be relied on. */
function ContinuityBadge({ continuity }: { readonly continuity: Continuity }): ReactElement {
  const [tone, text] = BADGES[continuity];
  return (
    <p className="badge" data-tone={tone} role="status">
      {text}
    </p>
  );
}

/** Who is in the room. The server says it at first and on each change. */
function People({ room, ownName }: { room: string; ownName: string }): ReactElement {
  const { data, status } = useSubscription(OnPresence, { room });
  const names = status === 'live' ? (data?.onPresence ?? []) : [];
  return (
    <ul className="people" aria-label="Who is here">
      {names.map((name) => (
        <li key={name} title={name}>
          <Avatar name={name} />
          <span className="name">{name === ownName ? `${name} (you)` : name}</span>
        </li>
      ))}
    </ul>
  );
}
