import type { GroupSource } from '../subscription/group-source.ts';
import type { Operation } from './operation.ts';

/** A subscriber that is too slow: more notifications wait for it than its limit. */
export interface SlowSubscriber {
  readonly operation: Operation;
  readonly source: GroupSource;
}

/** Ends its operation, as its definition wants. */
export function endSlow(subscriber: SlowSubscriber, limit: number): void {
  const { operation } = subscriber;
  const message = 'Subscriber is too slow: its operation is ended';
  operation.client.log.warn(details(subscriber, limit), message);
  operation.fail({
    stage: 'source',
    errors: [
      {
        message: `The subscription was ended: more than ${limit} notifications waited for it`,
        extensions: { code: 'NOTIFICATION_OVERFLOW' },
      },
    ],
  });
}

/** Says in the log that its oldest notifications are dropped. */
export function warnOfDrops(subscriber: SlowSubscriber, limit: number): void {
  const message = 'Subscriber is too slow: its oldest notifications are dropped';
  subscriber.operation.client.log.warn(details(subscriber, limit), message);
}

function details({ operation, source }: SlowSubscriber, limit: number): object {
  return { field: source.field, id: operation.id, limit };
}
