import type { GraphqlWs, Stats } from './graphql-ws.ts';
import type { Server } from './server.ts';

// Taken once: faked timers of an app's tests must not keep `settled()` waiting.
const nextTurn = setImmediate;

/** Makes the object that the instance is decorated with. */
export function createGraphqlWs(server: Server, path: string): GraphqlWs {
  const { broker, operations, orders } = server;
  return {
    path,
    get health() {
      return broker.health;
    },
    unsubscribe: orders.unsubscribe,
    disconnect: orders.disconnect,
    explainSharing: (document, options) => operations.delivery.explainSharing(document, options),
    stats: () => stats(server),
    settled: () => settled(server),
    on: (_event, listener) => broker.onHealth(listener),
  };
}

function stats({
  broker,
  connections,
  connectionServices: { deadlines, flusher, keepAlive },
  operations: { counters, delivery, fanOuts, groups, preparation },
  orderListener,
  publisher,
}: Server): Stats {
  return {
    connections: connections.size,
    operations: counters.operations,
    ...groups.stats,
    published: counters.published,
    received: counters.received,
    computed: delivery.stats.computed,
    delivered: counters.delivered,
    queued: counters.queued + fanOuts.unheard,
    dropped: counters.dropped,
    lost: groups.losses.lost,
    duplicates: groups.losses.duplicates,
    filterErrors: delivery.stats.filterErrors,
    bytes: flusher.bufferedBytes,
    bytesSent: flusher.sentBytes,
    pendingBroadcasts: publisher.pending,
    // The broker that is closed has none, whatever was joined.
    emitterListeners: Math.max(
      0,
      broker.listenerCount - groups.lingering - orderListener.listenerCount,
    ),
    timers: deadlines.size + (keepAlive?.timers ?? 0),
    documents: preparation.cache.size,
  };
}

function isSettled({ connectionServices, operations, orderSender, publisher }: Server): boolean {
  const { counters, fanOuts, groups, scheduler } = operations;
  return (
    publisher.pending === 0 &&
    orderSender.pending === 0 &&
    counters.underWay === 0 &&
    counters.busySubscriptions === 0 &&
    scheduler.waiting === 0 &&
    fanOuts.waiting === 0 &&
    groups.isSettled &&
    connectionServices.flusher.isIdle
  );
}

async function settled(server: Server): Promise<void> {
  // At least one turn: what was resolved just now has not gone on yet.
  do await new Promise<void>((resolve) => nextTurn(resolve));
  while (!isSettled(server));
}
