import { defineSubscription, type Subscription } from '@groupcast/fastify';
import type { Live } from './live.ts';
import type { LiveSample } from './live-sample.ts';

/** What the resolvers of the live figures need of the context of an operation. */
export interface LiveContext {
  readonly live: Live;
}

/**
 * The samples of every process, while somebody subscribes. Few of them wait for a slow page: they
 * grow old.
 */
export const liveFigures: Subscription<LiveSample, object, LiveContext> = defineSubscription<
  LiveSample,
  object,
  LiveContext
>({
  subscribe: (_root, _args, { live }) => {
    live.watch();
    return 'all';
  },
  unsubscribed: (_reason, _args, { live }) => live.unwatch(),
  queueLimit: 10,
});
