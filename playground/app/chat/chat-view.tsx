import './chat.css';
import { ClientError } from '@groupcast/client';
import { useClient, useClientStatus } from '@groupcast/client/react';
import { type ReactElement, useEffect, useState } from 'react';
import { ConnectionPanel } from './connection-panel.tsx';
import { CurlLine } from './curl-line.tsx';
import { Rooms } from './documents.ts';
import type { Journal } from './journal.ts';
import { NameForm } from './name-form.tsx';
import { RoomList } from './room-list.tsx';
import { RoomPanel } from './room-panel.tsx';
import { StatusLine } from './status-line.tsx';

interface ChatViewProps {
  /** The room of the address; undefined for the first there is. */
  readonly wantedRoom: string | undefined;
  readonly name: string;
  readonly onRename: (name: string) => void;
  readonly journal: Journal;
}

/** The chat: who you are and where, what is said, and how the connection is doing. */
export function ChatView({ wantedRoom, name, onRename, journal }: ChatViewProps): ReactElement {
  const rooms = useRooms();
  const room = rooms.find((each) => each === wantedRoom) ?? rooms[0];
  return (
    <main className="chat-view">
      <h2 className="unseen">Chat</h2>
      <div className="side">
        <StatusLine name={name} />
        <NameForm name={name} onRename={onRename} />
        <RoomList rooms={rooms} room={room} />
      </div>
      {room === undefined ? (
        <p className="card loading">Asking for the rooms …</p>
      ) : (
        <RoomPanel key={room} room={room} ownName={name} journal={journal} />
      )}
      <div className="side">
        <ConnectionPanel room={room} journal={journal} />
        {room !== undefined && <CurlLine room={room} />}
      </div>
    </main>
  );
}

/** The names of all rooms, asked for until there is an answer. */
function useRooms(): readonly string[] {
  const client = useClient();
  const { name: status } = useClientStatus();
  const [rooms, setRooms] = useState<readonly string[]>([]);
  const isKnown = rooms.length > 0;
  // A client that has given up answers at once, and one that dials again lets it wait.
  const isPossible = status !== 'closed';

  useEffect(() => {
    if (isKnown || !isPossible) return undefined;
    const leaving = new AbortController();
    const { signal } = leaving;
    const ask = async (): Promise<void> => {
      try {
        setRooms((await client.query(Rooms, {}, { signal })).rooms);
      } catch (error) {
        if (error instanceof ClientError && error.retryable && !signal.aborted) await ask();
      }
    };
    void ask();
    return () => leaving.abort();
  }, [client, isKnown, isPossible]);
  return rooms;
}
