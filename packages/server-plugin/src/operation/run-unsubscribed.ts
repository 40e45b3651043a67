import type { GroupSource } from '../subscription/group-source.ts';
import type { EndReason } from '../subscription/subscription-definition.ts';
import type { OperationLog } from './operation-client.ts';
import { isPromiseLike } from './promise-like.ts';

/** A subscriber whose `subscribe` had succeeded. */
export interface EndedSubscriber {
  readonly source: GroupSource;
  runInContext<R>(fn: () => R): R;
}

/**
 * Runs the app's `unsubscribed` of a subscription that has ended. Its failure is logged only.
 *
 * @returns settles when the hook has finished; never rejects
 */
export function runUnsubscribed(
  subscriber: EndedSubscriber,
  reason: EndReason,
  log: OperationLog,
): Promise<void> | undefined {
  const { definition, args, context, field, info } = subscriber.source;
  const { unsubscribed } = definition;
  if (unsubscribed === undefined || info === undefined) return undefined;
  const failed = (error: unknown): void => {
    log.error({ err: error, field, reason }, 'unsubscribed() failed');
  };
  try {
    const running: unknown = subscriber.runInContext(() =>
      unsubscribed(reason, args, context, info),
    );
    if (isPromiseLike(running)) return settled(running, failed);
  } catch (error) {
    failed(error);
  }
  return undefined;
}

async function settled(
  running: PromiseLike<unknown>,
  failed: (error: unknown) => void,
): Promise<void> {
  try {
    await running;
  } catch (error) {
    failed(error);
  }
}
