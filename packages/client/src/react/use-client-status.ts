import { useCallback, useSyncExternalStore } from 'react';
import type { Client, ClientStatus } from '../index.ts';
import { useClient } from './client-provider.ts';

const IDLE: ClientStatus = { name: 'idle' };

/**
 * What the connection does now; renders again on each change. On the server it is `idle`.
 *
 * @param client - default: that of the nearest `ClientProvider`
 */
export function useClientStatus(client?: Client): ClientStatus {
  const used = useClient(client);
  const subscribe = useCallback((onChange: () => void) => used.on('status', onChange), [used]);
  return useSyncExternalStore(
    subscribe,
    () => used.status,
    () => IDLE,
  );
}
