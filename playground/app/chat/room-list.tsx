import type { ReactElement } from 'react';
import { addressOfRoom } from '../shell/route.ts';

interface RoomListProps {
  readonly rooms: readonly string[];
  /** The one that is shown. */
  readonly room: string | undefined;
}

/** The rooms, each with its address. */
export function RoomList({ rooms, room }: RoomListProps): ReactElement {
  return (
    <nav className="card rooms" aria-labelledby="rooms-title">
      <h3 id="rooms-title">Rooms</h3>
      <ul>
        {rooms.map((each) => (
          <li key={each}>
            <a href={addressOfRoom(each)} aria-current={each === room ? 'page' : undefined}>
              <span aria-hidden="true">#</span> {each}
            </a>
          </li>
        ))}
      </ul>
      <p className="soft small">Each room is a group: a message reaches only those who hear it.</p>
    </nav>
  );
}
