import { ClientError, type GapReason } from '@groupcast/client';
import { useClient, useSubscription } from '@groupcast/client/react';
import { useReducer } from 'react';
import { History, type Message, OnMessage } from './documents.ts';
import type { Journal } from './journal.ts';
import { moveRoom, type RoomState, UNKNOWN_ROOM } from './room-state.ts';

/** How far what is shown can be relied on. */
export type Continuity = 'live' | 'away' | 'fetching' | 'ended';

/** A room as a page shows it. */
export interface Room extends RoomState {
  readonly continuity: Continuity;
  /** Shows a message of one's own: the server does not send it to its author. */
  readonly showSent: (message: Message) => void;
  /** Subscribes again, or fetches again, when that had failed. */
  readonly tryAgain: () => void;
}

/** Listens to a room. Whenever something may be missing, its messages are fetched again. */
export function useRoom(room: string, journal: Journal, onHeard: (from: string) => void): Room {
  const client = useClient();
  const [state, move] = useReducer(moveRoom, UNKNOWN_ROOM);

  const fetchHistory = async (gap: GapReason | undefined): Promise<void> => {
    move({ name: 'fetching' });
    try {
      const { history } = await client.query(History, { room });
      move({ name: 'fetched', history, gap });
      journal.add('good', `Fetched what was said in ${room}`);
    } catch (error) {
      // The connection is lost again: when it is back, this is asked for once more.
      if (error instanceof ClientError && error.code === 'CONNECTION_LOST') return;
      move({ name: 'failed', problem: error instanceof Error ? error.message : String(error) });
    }
  };

  const { status, error, restart } = useSubscription(
    OnMessage,
    { room },
    {
      onData: ({ onMessage: message }) => {
        move({ name: 'heard', message });
        onHeard(message.author);
      },
      // Only then: what is said from here on is heard, so nothing falls between the two.
      onContinuity: ({ state: continuity, reason }) => {
        if (continuity === 'gap') journal.add('wait', `Gap in ${room}: ${describeGap(reason)}`);
        else journal.add('good', `Subscribed to ${room}`);
        void fetchHistory(continuity === 'gap' ? reason : undefined);
      },
    },
  );

  const continuity = continuityOf(status, state);
  return {
    ...state,
    problem: status === 'ended' ? (error?.message ?? 'The server has ended this') : state.problem,
    continuity,
    showSent: (message) => move({ name: 'sent', message }),
    tryAgain: () => (status === 'ended' ? restart() : void fetchHistory('broker')),
  };
}

/** Why something may be missing, in words. */
export function describeGap(reason: GapReason): string {
  switch (reason) {
    case 'reconnected':
      return 'the connection was lost';
    case 'queue':
    case 'buffer':
      return 'too many messages at once';
    case 'broker':
      return 'the servers lost each other';
    default:
      return reason;
  }
}

function continuityOf(
  status: 'idle' | 'connecting' | 'live' | 'ended',
  { content, entries }: RoomState,
): Continuity {
  if (status === 'ended') return 'ended';
  const wasShown = content === 'complete' || entries.length > 0;
  if (status !== 'live') return wasShown ? 'away' : 'fetching';
  return content === 'complete' ? 'live' : 'fetching';
}
