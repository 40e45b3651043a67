'use client';

export { ClientProvider, useClient } from './react/client-provider.ts';
export type { SubscriptionState } from './react/subscription-state.ts';
export { useClientStatus } from './react/use-client-status.ts';
export {
  type UseSubscriptionOptions,
  type UseSubscriptionResult,
  useSubscription,
} from './react/use-subscription.ts';
