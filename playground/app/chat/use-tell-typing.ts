import { useClient } from '@groupcast/client/react';
import { useCallback, useEffect, useRef } from 'react';
import { SetTyping } from './documents.ts';

/** Milliseconds after which it is said again, since the others forget it. */
const REPEAT_MS = 2_000;

/** Tells the others whether we type: when that changes and, while we do, every few seconds. */
export function useTellTyping(room: string): (isTyping: boolean) => void {
  const client = useClient();
  /** When they were last told that we do; undefined when they believe that we do not. */
  const toldAt = useRef<number>(undefined);

  const tell = useCallback(
    (isTyping: boolean): void => {
      // It is worth nothing later: nothing waits for a connection.
      if (client.status.name !== 'open') return;
      const now = performance.now();
      const isOld = toldAt.current === undefined || now - toldAt.current >= REPEAT_MS;
      if (isTyping ? !isOld : toldAt.current === undefined) return;
      toldAt.current = isTyping ? now : undefined;
      client.mutate(SetTyping, { room, isTyping }).catch(() => undefined);
    },
    [client, room],
  );
  useEffect(() => () => tell(false), [tell]);
  return tell;
}
