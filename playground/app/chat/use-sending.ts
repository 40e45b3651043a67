import { ClientError } from '@groupcast/client';
import { useClient } from '@groupcast/client/react';
import { useRef, useState } from 'react';
import { type Message, SendMessage } from './documents.ts';

/** A message that the server has not answered yet. It waits for a connection when there is none. */
export interface PendingMessage {
  readonly id: number;
  readonly text: string;
}

/** What {@link useSending} gives. */
export interface Sending {
  readonly pending: readonly PendingMessage[];
  /** Resolves with what to tell the author when it could not be sent. */
  readonly send: (text: string) => Promise<string | undefined>;
}

/** Sends messages to a room. None is ever sent twice. */
export function useSending(room: string, onSent: (message: Message) => void): Sending {
  const client = useClient();
  const [pending, setPending] = useState<readonly PendingMessage[]>([]);
  const lastId = useRef(0);

  const send = async (text: string): Promise<string | undefined> => {
    lastId.current += 1;
    const id = lastId.current;
    setPending((before) => [...before, { id, text }]);
    try {
      const { sendMessage } = await client.mutate(SendMessage, { room, text });
      onSent(sendMessage);
      return undefined;
    } catch (error) {
      return describeFailure(error);
    } finally {
      setPending((before) => before.filter((each) => each.id !== id));
    }
  };
  return { pending, send };
}

function describeFailure(error: unknown): string {
  const code = error instanceof ClientError ? error.code : undefined;
  if (code === 'CONNECTION_LOST') {
    return 'The connection was lost before the answer came. If your message is not shown when it is back, send it again';
  }
  if (code === 'NOT_CONNECTED') return 'There was no connection: your message was not sent';
  return error instanceof Error ? error.message : String(error);
}
