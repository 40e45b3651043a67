import type { ClientError, GraphQLResponseError } from '../index.ts';

/**
 * What a subscription of a component does, and the last that it heard.
 *
 * - `idle`: there is none: it is not enabled, or rendered on the server
 * - `connecting`: it is not live yet, or not any more: the connection was lost and is made again
 * - `live`: what is broadcast is heard
 * - `ended`: by the server, or because of `error`
 *
 * `data` is that of the last event, undefined when that had none. `error` is that of the last
 * event, which may stand beside partial data and ends nothing; or why the subscription has ended.
 */
export type SubscriptionState<R> =
  | { readonly status: 'idle'; readonly data: undefined; readonly error: undefined }
  | ({ readonly status: 'connecting' | 'live' } & Heard<R>)
  | (Pick<Heard<R>, 'data'> & {
      readonly status: 'ended';
      readonly error: ClientError | undefined;
    });

interface Heard<R> {
  readonly data: R | undefined;
  readonly error: GraphQLResponseError | undefined;
}

/** What changes in a state when something happens. */
export type SubscriptionChange<R> =
  | { readonly status: 'connecting' | 'live' }
  | ({ readonly status: 'live' } & Heard<R>)
  | { readonly status: 'ended'; readonly error: ClientError | undefined };

export const IDLE: SubscriptionState<never> = { status: 'idle', data: undefined, error: undefined };

export const BEGUN: SubscriptionState<never> = { ...IDLE, status: 'connecting' };

/** Moves a state; the result is the same object when nothing changes. Nothing follows the end. */
export function moveState<R>(
  state: SubscriptionState<R>,
  change: SubscriptionChange<R>,
): SubscriptionState<R> {
  const isNews = state.status !== change.status || 'data' in change;
  return isNews && state.status !== 'ended' ? { ...state, ...change } : state;
}
