import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { BroadcastMessage, DeliveryMessage, Stats } from '@groupcast/fastify';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Figures of a moment. */
const GAUGES: readonly (readonly [keyof Stats, name: string, help: string])[] = [
  ['connections', 'connections', 'Clients that are connected'],
  ['operations', 'operations', 'Operations that run'],
  ['groups', 'groups', 'Groups that have members'],
  ['cohorts', 'cohorts', 'Sets of subscribers that may share results'],
  ['members', 'members', 'Places in groups'],
  ['queued', 'queued', 'Notifications that wait for slow subscribers'],
  ['bytes', 'buffered_bytes', 'Bytes that wait for clients'],
  ['pendingBroadcasts', 'pending_broadcasts', 'Broadcasts that the broker has not taken'],
];

/** Figures since the start. */
const COUNTERS: readonly (readonly [keyof Stats, name: string, help: string])[] = [
  ['published', 'published_total', 'Broadcasts of this process'],
  ['received', 'received_total', 'Broadcasts of all processes that arrived'],
  ['computed', 'computed_total', 'Results that were computed'],
  ['delivered', 'delivered_total', 'Results that were sent to subscribers'],
  ['bytesSent', 'sent_bytes_total', 'Bytes that were given to sockets'],
  ['dropped', 'dropped_total', 'Notifications dropped for slow subscribers'],
  ['lost', 'lost_total', 'Events lost on their way to this process'],
  ['duplicates', 'duplicates_total', 'Events that came twice or late'],
  ['filterErrors', 'filter_errors_total', 'Filters that failed'],
];

const SECONDS = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * Adds `GET /metrics` for Prometheus. It tells of the process that answers.
 *
 * Durations are measured from the first time it is asked for: until then nobody listens.
 */
export function addMetricsRoute(app: FastifyInstance): void {
  const registry = new Registry();
  addStats(app, registry);
  let measure: (() => void) | undefined = measureDurations(app, registry);
  app.get('/metrics', async (_request, reply) => {
    measure?.();
    measure = undefined;
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

function addStats(app: FastifyInstance, registry: Registry): void {
  const registers = [registry];
  for (const [figure, name, help] of GAUGES) {
    const gauge: Gauge = new Gauge({
      name: `groupcast_${name}`,
      help,
      registers,
      collect: () => gauge.set(app.graphqlWs.stats()[figure]),
    });
  }
  for (const [figure, name, help] of COUNTERS) {
    const counter: Counter = new Counter({
      name: `groupcast_${name}`,
      help,
      registers,
      collect: () => {
        counter.reset();
        counter.inc(app.graphqlWs.stats()[figure]);
      },
    });
  }
  const up: Gauge = new Gauge({
    name: 'groupcast_broker_up',
    help: '1 while the broker works',
    registers,
    collect: () => up.set(app.graphqlWs.health.status === 'up' ? 1 : 0),
  });
}

/** @returns begins to measure, until the app closes */
function measureDurations(app: FastifyInstance, registry: Registry): () => void {
  const common = { registers: [registry], labelNames: ['field'] as const, buckets: SECONDS };
  const taken = new Histogram({
    name: 'groupcast_broadcast_seconds',
    help: 'From the call of broadcast until the broker has taken the event or refused it',
    ...common,
  });
  const delivered = new Histogram({
    name: 'groupcast_delivery_seconds',
    help: 'From the arrival of an event to its results, once for each turn of the event loop',
    ...common,
  });
  const onBroadcast = (message: unknown): void => {
    const { field, durationMs } = message as BroadcastMessage;
    taken.observe({ field }, durationMs / 1_000);
  };
  const onDelivery = (message: unknown): void => {
    const { field, durationMs } = message as DeliveryMessage;
    delivered.observe({ field }, durationMs / 1_000);
  };
  app.addHook('onClose', async () => {
    unsubscribe('groupcast:broadcast', onBroadcast);
    unsubscribe('groupcast:delivery', onDelivery);
  });
  return () => {
    subscribe('groupcast:broadcast', onBroadcast);
    subscribe('groupcast:delivery', onDelivery);
  };
}
