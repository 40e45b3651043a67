import { readGroup, rejected, type SubscriptionReference } from './broadcast.ts';
import { fieldTopic, groupTopic } from './broker/topic.ts';
import { checkCloseCode } from './connection/app-connection.ts';
import { TagInvalidError } from './errors.ts';
import type { DisconnectOptions, GraphqlWs, Stats, UnsubscribeOptions } from './graphql-ws.ts';
import type { Server } from './server.ts';

// Taken once: faked timers of an app's tests must not keep `settled()` waiting.
const nextTurn = setImmediate;

/** Makes the object that the instance is decorated with. */
export function createGraphqlWs(server: Server, path: string): GraphqlWs {
  const { broker, log, operations } = server;
  return {
    path,
    get health() {
      return broker.health;
    },
    // An options object that is undefined by mistake must not come to mean everybody.
    unsubscribe: (subscription, ...given) =>
      accepted(() => unsubscribe(server, subscription, given.length === 0 ? {} : given[0]), log),
    disconnect: (options) => accepted(() => disconnect(server, options), log),
    explainSharing: (document, options) => operations.delivery.explainSharing(document, options),
    stats: () => stats(server),
    settled: () => settled(server),
    on: (_event, listener) => broker.onHealth(listener),
  };
}

/** Runs a call at once; what it throws becomes a rejection that may go unhandled. */
function accepted(call: () => Promise<void> | void, log: Server['log']): Promise<void> {
  try {
    return Promise.resolve(call());
  } catch (error) {
    return rejected(error, log);
  }
}

function unsubscribe(
  { fields, operations, options: { namespace } }: Server,
  subscription: SubscriptionReference,
  options: UnsubscribeOptions | undefined,
): Promise<void> {
  const field = fields.resolve(subscription, 'unsubscribe');
  const group = readGroup(options, 'unsubscribe', []);
  const topic =
    group === undefined ? fieldTopic(namespace, field) : groupTopic(namespace, field, group);
  operations.pending.unsubscribe(group === undefined ? { field } : { field, group });
  const members = operations.groups.membersOf(topic);
  // They may end in later turns of the event loop, but hear nothing more from now on.
  for (const member of members) member.silence();
  return operations.scheduler.forEach(members, ({ operation }) => {
    operation.end('server', { type: 'complete' });
  });
}

function disconnect({ connections }: Server, options: DisconnectOptions): void {
  const { tag, code = 4403, reason = 'Forbidden' } = options ?? {};
  if (typeof tag !== 'string') throw new TagInvalidError(typeof tag);
  checkCloseCode(code);
  connections.disconnect({ tag, code, reason });
}

function stats({
  broker,
  connections,
  connectionServices: { deadlines, flusher, keepAlive },
  operations: { counters, delivery, groups, preparation },
  publisher,
}: Server): Stats {
  return {
    connections: connections.size,
    operations: counters.operations,
    ...groups.stats,
    queued: counters.queued,
    dropped: counters.dropped,
    filterErrors: delivery.stats.filterErrors,
    bytes: flusher.bufferedBytes,
    pendingBroadcasts: publisher.pending,
    emitterListeners: broker.listenerCount,
    timers: deadlines.size + (keepAlive?.timers ?? 0),
    documents: preparation.cache.size,
  };
}

function isSettled({ connectionServices, operations, publisher }: Server): boolean {
  const { counters, groups, scheduler } = operations;
  return (
    publisher.pending === 0 &&
    counters.underWay === 0 &&
    counters.busySubscriptions === 0 &&
    scheduler.waiting === 0 &&
    groups.isSettled &&
    connectionServices.flusher.isIdle
  );
}

async function settled(server: Server): Promise<void> {
  // At least one turn: what was resolved just now has not gone on yet.
  do await new Promise<void>((resolve) => nextTurn(resolve));
  while (!isSettled(server));
}
