import { fieldTopic, groupTopic } from '../broker/topic.ts';
import type { Connections } from '../connection/connections.ts';
import type { OperationServices } from '../operation/operation-services.ts';
import type { Unsubscription } from '../operation/pending-subscriptions.ts';
import type { Order } from './order.ts';

/** Whom the orders of a process reach. */
export interface OrderTargets {
  readonly operations: OperationServices;
  readonly connections: Connections;
}

/**
 * Carries out an order among the clients of this process, also among those whose `subscribe` or
 * `onConnect` is pending. From the call on they hear nothing more.
 *
 * @returns resolves when those that were live have ended, in later turns of the event loop when
 *   they are very many; never rejects
 */
export function carryOutOrder(
  order: Order,
  { operations, connections }: OrderTargets,
): Promise<void> {
  if ('unsubscribe' in order) return endSubscriptions(order.unsubscribe, operations);
  connections.disconnect(order.disconnect);
  return Promise.resolve();
}

function endSubscriptions(
  unsubscription: Unsubscription,
  { groups, pending, scheduler, settings: { namespace } }: OperationServices,
): Promise<void> {
  const { field, group } = unsubscription;
  const topic =
    group === undefined ? fieldTopic(namespace, field) : groupTopic(namespace, field, group);
  pending.unsubscribe(unsubscription);
  const members = groups.membersOf(topic);
  // They may end in later turns of the event loop, but hear nothing more from now on.
  for (const member of members) member.silence();
  return scheduler.forEach(members, ({ operation }) => {
    operation.end('server', { type: 'complete' });
  });
}
