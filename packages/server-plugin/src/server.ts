import type { FastifyBaseLogger } from 'fastify';
import mqemitter from 'mqemitter';
import { type Broadcast, createBroadcast, SubscriptionFields } from './broadcast.ts';
import type { Broker } from './broker/broker.ts';
import type { BroadcastEvent } from './broker/event.ts';
import { MqemitterBroker } from './broker/mqemitter-broker.ts';
import { Publisher } from './broker/publisher.ts';
import type { ConnectionServices } from './connection/connection-services.ts';
import { Connections } from './connection/connections.ts';
import { Deadlines } from './connection/deadlines.ts';
import { Flusher } from './connection/flusher.ts';
import { KeepAlive } from './connection/keep-alive.ts';
import { Delivery } from './delivery/delivery.ts';
import type { Notification } from './delivery/notification.ts';
import { Groups } from './groups/groups.ts';
import { GapListeners } from './operation/gap-listeners.ts';
import type { GroupSubscription } from './operation/group-subscription.ts';
import type { OperationServices } from './operation/operation-services.ts';
import { PendingSubscriptions } from './operation/pending-subscriptions.ts';
import { Preparation } from './operation/prepare.ts';
import { Scheduler } from './operation/scheduler.ts';
import type { ResolvedOptions } from './options.ts';
import { findSubscriptions } from './subscription/find-subscriptions.ts';

/** The parts of one registered plugin, put together. */
export interface Server {
  readonly options: ResolvedOptions;
  readonly log: FastifyBaseLogger;
  readonly fields: SubscriptionFields;
  readonly broadcast: Broadcast;
  readonly publisher: Publisher;
  readonly broker: Broker;
  readonly operations: OperationServices;
  readonly connections: Connections;
  readonly connectionServices: ConnectionServices;
}

/** Puts the parts together: the way of a message, from the socket to the broker and back. */
export function createServer(options: ResolvedOptions, log: FastifyBaseLogger): Server {
  const { limits } = options;
  const definitions = findSubscriptions(options.schema);
  const delivery = new Delivery({
    schema: options.schema,
    middleware: options.middleware,
    maskErrors: options.maskErrors,
    ...(options.renewContext && { renewContext: options.renewContext }),
    log,
  });
  const broker = new MqemitterBroker({
    emitter: options.emitter ?? mqemitter(),
    ownsEmitter: options.emitter === undefined,
    log,
    onMessage: (topic, text) => groups.receive(topic, text),
  });
  const groups: Groups<GroupSubscription> = new Groups({
    broker,
    log,
    onEvent: (event, cohorts) => {
      for (const members of cohorts) notifyCohort(delivery, event, members);
    },
  });
  const publisher = new Publisher({
    broker,
    namespace: options.namespace,
    log,
    timeoutMs: options.broadcastTimeoutMs,
    pendingLimit: limits.pendingBroadcasts,
  });
  const fields = new SubscriptionFields(definitions);
  const operations = createOperationServices(options, delivery, groups);
  broker.onHealth(({ status }) => {
    if (status === 'up') operations.gapListeners.brokerRecovered();
  });
  const deadlines = new Deadlines();
  return {
    options,
    log,
    fields,
    broadcast: createBroadcast({ publisher, fields, log }),
    publisher,
    broker,
    operations,
    connections: new Connections(deadlines),
    connectionServices: createConnectionServices(options, operations, deadlines),
  };
}

/** One event for one cohort: computed once where all may share it. */
function notifyCohort(
  delivery: Delivery,
  event: BroadcastEvent,
  members: Iterable<GroupSubscription>,
): void {
  let notification: Notification | undefined;
  for (const member of members) {
    notification ??= delivery.notification(event, member.plan);
    member.notify(notification);
  }
}

function createOperationServices(
  options: ResolvedOptions,
  delivery: Delivery,
  groups: Groups<GroupSubscription>,
): OperationServices {
  const { limits } = options;
  const scheduler = new Scheduler();
  return {
    settings: {
      namespace: options.namespace,
      confirmSubscriptions: options.confirmSubscriptions,
      strictOrdering: options.strictOrdering,
      warnOperationMs: options.warnOperationMs,
      operationsPerConnection: limits.operationsPerConnection,
      queueLimit: limits.queueLimit,
    },
    preparation: new Preparation({
      schema: delivery.schema,
      validationRules: options.validationRules,
      documentTokens: limits.documentTokens,
      cache: { entries: limits.documentCacheEntries, bytes: limits.documentCacheBytes },
    }),
    delivery,
    groups,
    pending: new PendingSubscriptions(),
    gapListeners: new GapListeners(scheduler),
    scheduler,
    counters: { operations: 0, underWay: 0, busySubscriptions: 0, queued: 0, dropped: 0 },
    isDraining: false,
  };
}

function createConnectionServices(
  options: ResolvedOptions,
  operations: OperationServices,
  deadlines: Deadlines,
): ConnectionServices {
  const { keepAlive, limits } = options;
  return {
    settings: {
      connectionInitTimeoutMs: options.connectionInitTimeoutMs,
      closeTimeoutMs: options.closeTimeoutMs,
      messageBytes: limits.messageBytes,
      bufferedBytes: limits.bufferedBytes,
      operationsPerConnection: limits.operationsPerConnection,
      sendsKa: keepAlive !== false && keepAlive.kaMs > 0,
    },
    hooks: {
      ...(options.context && { context: options.context }),
      ...(options.onOperation && { onOperation: options.onOperation }),
      ...(options.onConnect && { onConnect: options.onConnect }),
      ...(options.onDisconnect && { onDisconnect: options.onDisconnect }),
    },
    operations,
    deadlines,
    flusher: new Flusher(limits.bufferedBytesTotal),
    keepAlive: keepAlive === false ? undefined : new KeepAlive(keepAlive),
  };
}
