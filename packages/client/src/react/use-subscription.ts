import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import {
  type Client,
  type ClientError,
  type Document,
  GraphQLResponseError,
  type Rest,
  type SubscribeOptions,
  type Untyped,
} from '../index.ts';
import { useClient } from './client-provider.ts';
import {
  BEGUN,
  IDLE,
  moveState,
  type SubscriptionChange,
  type SubscriptionState,
} from './subscription-state.ts';

/** Options of `useSubscription`. Callbacks may be new with each render: the latest are called. */
export interface UseSubscriptionOptions<R> extends Omit<SubscribeOptions, 'signal'> {
  /** `false` ends what runs, and begins nothing. @default true */
  readonly enabled?: boolean;
  /** @default that of the nearest `ClientProvider` */
  readonly client?: Client;
  /** Called with the data of every event, in order, also where one render shows several. */
  readonly onData?: (data: R) => void;
  /** Called with the errors of every event that has some, and with the one that ends it. */
  readonly onError?: (error: ClientError) => void;
}

/** What `useSubscription` returns: the same object until something changes. */
export type UseSubscriptionResult<R> = SubscriptionState<R> & {
  /** Begins anew, whatever was; dials anew when the client has given up. */
  readonly restart: () => void;
};

/**
 * Subscribes while the component is mounted. Another document, client or other variables end the
 * subscription and begin a new one, without the data of the one before. It begins anew, too, when a
 * client that has given up dials again.
 *
 * Variables, `operationName` and `extensions` are compared by their JSON. Documents are compared by
 * identity, so parse them outside of components.
 */
export function useSubscription<R = Untyped, V = Untyped>(
  document: Document<R, V>,
  ...[variables, options = {}]: Rest<V, UseSubscriptionOptions<NoInfer<R>>>
): UseSubscriptionResult<R> {
  const { enabled = true, operationName, extensions } = options;
  const client = useClient(options.client);
  const isOnServer = useSyncExternalStore(
    neverChanges,
    () => false,
    () => true,
  );
  const [attempt, setAttempt] = useState(0);
  const json = JSON.stringify({ variables, operationName, extensions });
  const wanted = useMemo(
    () => ({ client, document, json, attempt, enabled }),
    [client, document, json, attempt, enabled],
  );
  const [held, setHeld] = useState({ wanted, state: BEGUN as SubscriptionState<R> });
  const restart = useCallback(() => {
    const { status } = client;
    if (status.name === 'closed' && status.error.code !== 'CLIENT_CLOSED') client.reconnect();
    setAttempt((n) => n + 1);
  }, [client]);

  const latest = useRef(options);
  // Not while rendering: until the old subscription is ended, it calls the callbacks it belongs to.
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    if (!wanted.enabled) return undefined;
    const move = (next: (state: SubscriptionState<R>) => SubscriptionState<R>): void =>
      setHeld((before) => {
        const state = before.wanted === wanted ? before.state : BEGUN;
        const moved = next(state);
        return moved === state ? before : { wanted, state: moved };
      });
    // Effects run again with their state when a hidden part of the page is shown again.
    move(() => BEGUN);
    const change = (to: SubscriptionChange<R>): void => move((state) => moveState(state, to));
    return run(wanted, { latest, change, restart });
  }, [wanted, restart]);

  const state = held.wanted === wanted ? held.state : BEGUN;
  const shown = isOnServer || !enabled ? IDLE : state;
  return useMemo(() => ({ ...shown, restart }), [shown, restart]);
}

/** What is subscribed to; another object is another subscription. */
interface Wanted<R, V> {
  readonly client: Client;
  readonly document: Document<R, V>;
  readonly json: string;
}

interface Component<R> {
  readonly latest: { readonly current: UseSubscriptionOptions<R> };
  change(to: SubscriptionChange<R>): void;
  restart(): void;
}

/** Runs one subscription for a component; the result ends it, and nothing is told after that. */
function run<R, V>(
  { client, document, json }: Wanted<R, V>,
  { latest, change, restart }: Component<R>,
): () => void {
  const { bufferLimit } = latest.current;
  const { variables, ...sent } = JSON.parse(json);
  let isStopped = false;
  let wasLive = false;
  /** Why the client has given up, if it did. */
  let givenUp = client.status.name === 'closed' ? client.status.error : undefined;
  let isRevivable = false;
  const options: SubscribeOptions = {
    ...sent,
    ...(bufferLimit !== undefined && { bufferLimit }),
    onContinuity: (continuity) => {
      const { reason } = continuity;
      wasLive ||= reason === 'subscribed';
      if (wasLive && (reason === 'subscribed' || reason === 'reconnected')) {
        change({ status: 'live' });
      }
      latest.current.onContinuity?.(continuity);
    },
  };
  const subscription = client.subscribe(
    document,
    ...([variables, options] as Rest<V, SubscribeOptions>),
  );
  subscription.results().subscribe({
    next: (result) => {
      const data = result.data ?? undefined;
      const error = result.errors && new GraphQLResponseError(result);
      change({ status: 'live', data, error });
      if (data !== undefined) latest.current.onData?.(data);
      if (error) latest.current.onError?.(error);
    },
    error: (error) => {
      if (isStopped) return;
      change({ status: 'ended', error });
      latest.current.onError?.(error);
      isRevivable = error === givenUp;
      // It may have begun anew by now.
      if (isRevivable && client.status.name !== 'closed') restart();
    },
    complete: () => change({ status: 'ended', error: undefined }),
  });
  const unwatch = client.on('status', (status) => {
    if (status.name === 'closed') givenUp = status.error;
    if (status.name === 'open' || status.name === 'closed') return;
    if (isRevivable) restart();
    else change({ status: 'connecting' });
  });
  return () => {
    isStopped = true;
    unwatch();
    subscription.unsubscribe();
  };
}

function neverChanges(): () => void {
  return () => {};
}
