import type { FastifyBaseLogger } from 'fastify';
import mqemitter from 'mqemitter';
import { type Broadcast, createBroadcast, SubscriptionFields } from './broadcast.ts';
import type { Broker } from './broker/broker.ts';
import { createBroker } from './broker/create-broker.ts';
import { Publisher, type PublisherOptions } from './broker/publisher.ts';
import type { ConnectionServices } from './connection/connection-services.ts';
import { Connections } from './connection/connections.ts';
import { Deadlines } from './connection/deadlines.ts';
import { Flusher } from './connection/flusher.ts';
import { KeepAlive } from './connection/keep-alive.ts';
import { createOrders } from './create-orders.ts';
import { Delivery } from './delivery/delivery.ts';
import { Diagnostics } from './diagnostics.ts';
import type { GraphqlWs } from './graphql-ws.ts';
import { Groups } from './groups/groups.ts';
import { FanOuts } from './operation/fan-outs.ts';
import { GapListeners } from './operation/gap-listeners.ts';
import type { GroupSubscription } from './operation/group-subscription.ts';
import type { OperationServices } from './operation/operation-services.ts';
import { PendingSubscriptions } from './operation/pending-subscriptions.ts';
import { Preparation } from './operation/prepare.ts';
import { Scheduler } from './operation/scheduler.ts';
import type { ResolvedOptions } from './options.ts';
import { carryOutOrder } from './orders/carry-out-order.ts';
import type { Order } from './orders/order.ts';
import { OrderListener } from './orders/order-listener.ts';
import { OrderSender } from './orders/order-sender.ts';
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
  readonly orders: Pick<GraphqlWs, 'unsubscribe' | 'disconnect'>;
  readonly orderSender: OrderSender;
  readonly orderListener: OrderListener;
}

/** Puts the parts together: the way of a message, from the socket to the broker and back. */
export function createServer(options: ResolvedOptions, log: FastifyBaseLogger): Server {
  const definitions = findSubscriptions(options.schema);
  const delivery = createDelivery(options, log);
  const diagnostics = new Diagnostics(options.namespace);
  const broker = createBroker({
    emitter: options.emitter ?? mqemitter(),
    ownsEmitter: options.emitter === undefined,
    log,
    onMessage: (topic, text) => {
      if (topic === orderParts.orderListener.topic) orderParts.orderListener.receive(text);
      else groups.receive(topic, text);
    },
    onOutage: (phase) => {
      if (phase === 'begins') return operations.gapListeners.brokerFailed();
      groups.outageTold();
      operations.gapListeners.brokerRecovered();
    },
  });
  const groups: Groups<GroupSubscription> = new Groups({
    broker,
    lingerMs: broker.lingerMs,
    log,
    onEvent: (event, cohorts, missing) => {
      operations.counters.received += 1;
      const followed = diagnostics.delivery(event, cohorts);
      operations.fanOuts.add({
        cohorts,
        missing,
        notificationFor: (plan) => {
          const notification = delivery.notification(event, plan);
          return followed === undefined ? notification : followed.follow(notification);
        },
      });
    },
  });
  const publisher = createPublisher({
    options,
    broker,
    log,
    tooManyUnheard: () => (operations.fanOuts.isFull ? operations.fanOuts.waiting : 0),
    onPublished: () => {
      operations.counters.published += 1;
    },
  });
  const fields = new SubscriptionFields(definitions);
  const operations: OperationServices = createOperationServices({ options, log }, delivery, groups);
  const deadlines = new Deadlines();
  const connections = new Connections(deadlines, diagnostics);
  const orderParts: OrderParts = createOrderParts(
    { options, log, fields, broker, operations, connections },
    (field) => definitions.has(field),
  );
  broker.onHealth((health) => diagnostics.healthChanged(health));
  return {
    options,
    log,
    fields,
    broadcast: createBroadcast({ publisher, fields, log, diagnostics }),
    publisher,
    broker,
    operations,
    connections,
    connectionServices: createConnectionServices(options, operations, deadlines),
    ...orderParts,
  };
}

function createDelivery(options: ResolvedOptions, log: FastifyBaseLogger): Delivery {
  return new Delivery({
    schema: options.schema,
    middleware: options.middleware,
    maskErrors: options.maskErrors,
    ...(options.renewContext && { renewContext: options.renewContext }),
    log,
  });
}

function createPublisher({
  options,
  ...parts
}: Pick<PublisherOptions, 'broker' | 'log' | 'tooManyUnheard' | 'onPublished'> & {
  readonly options: ResolvedOptions;
}): Publisher {
  return new Publisher({
    ...parts,
    namespace: options.namespace,
    timeoutMs: options.broadcastTimeoutMs,
    pendingLimit: options.limits.pendingBroadcasts,
  });
}

type OrderParts = Pick<Server, 'orders' | 'orderSender' | 'orderListener'>;

/** Orders go the same way as events, on a topic of their own. */
function createOrderParts(
  server: Omit<Server, keyof OrderParts | 'broadcast' | 'publisher' | 'connectionServices'>,
  hasField: (field: string) => boolean,
): OrderParts {
  const { broker, fields, log, options } = server;
  const { broadcastTimeoutMs: timeoutMs, namespace } = options;
  const carryOut = (order: Order): Promise<void> => carryOutOrder(order, server);
  const orderSender = new OrderSender({ broker, namespace, log, timeoutMs });
  return {
    orders: createOrders({ sender: orderSender, fields, log, carryOut }),
    orderSender,
    orderListener: new OrderListener({
      broker,
      namespace,
      log,
      ownOrigin: orderSender.origin,
      hasField,
      onOrder: (order) => void carryOut(order),
    }),
  };
}

function createOperationServices(
  { options, log }: Pick<Server, 'options' | 'log'>,
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
    fanOuts: new FanOuts(scheduler, log),
    counters: {
      operations: 0,
      underWay: 0,
      busySubscriptions: 0,
      queued: 0,
      dropped: 0,
      published: 0,
      received: 0,
      delivered: 0,
    },
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
    flusher: new Flusher(limits.bufferedBytesTotal, operations.scheduler),
    keepAlive: keepAlive === false ? undefined : new KeepAlive(keepAlive),
  };
}
