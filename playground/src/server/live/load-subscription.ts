import { defineSubscription, type Subscription } from '@groupcast/fastify';
import { ChatError } from '../chat-error.ts';
import { LOAD_LIMITS } from './load-settings.ts';

/** The name of all connections of synthetic loads, which is also their tag. */
export const LOAD_NAME = 'Synthetic load';

/** The most characters of padding that a message can be asked for. */
const PADDING_LENGTH = 65_536;

/** One message of a synthetic load. */
export interface LoadMessage {
  readonly number: number;
  /** Milliseconds since 1970, with fractions. */
  readonly sentAt: number;
}

interface LoadArgs {
  readonly groups: readonly string[];
  /** Whoever gives one asks for something else than all others, and shares with nobody. */
  readonly subscriber?: number | null;
}

/** The messages of a synthetic load. A short queue shows soon what happens to slow readers. */
export const load: Subscription<LoadMessage, LoadArgs, unknown> = defineSubscription<
  LoadMessage,
  LoadArgs
>({
  subscribe: (_root, { groups }) => {
    if (groups.length <= LOAD_LIMITS.groups) return groups;
    throw new ChatError(`A load has at most ${LOAD_LIMITS.groups} groups`, 400);
  },
  queueLimit: 100,
});

/** Text that makes a message as large as its subscriber wants it. */
export function padding(_message: LoadMessage, { length }: { readonly length: number }): string {
  return 'x'.repeat(Math.min(Math.max(length, 0), PADDING_LENGTH));
}

/** The name of a group of a load. */
export function groupName(index: number): string {
  return `load-${index}`;
}
