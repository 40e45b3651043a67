import {
  type Broadcast,
  createBroadcast,
  SubscriptionFields,
  type SubscriptionReference,
} from './broadcast.ts';
import type { BrokerLog } from './broker/broker.ts';
import { createBroker } from './broker/create-broker.ts';
import type { Emitter } from './broker/mqemitter-broker.ts';
import { Publisher, publisherDefaults } from './broker/publisher.ts';
import { createOrders } from './create-orders.ts';
import { Diagnostics } from './diagnostics.ts';
import { OptionInvalidError } from './errors.ts';
import type { DisconnectOptions, UnsubscribeOptions } from './graphql-ws.ts';
import { anEmitter, aString, checkOptions, count, positiveMilliseconds } from './option-checks.ts';
import { OrderSender } from './orders/order-sender.ts';
import type {
  Subscription,
  SubscriptionDefinition,
} from './subscription/subscription-definition.ts';

/** The options of {@link createBroadcaster}. */
export interface BroadcasterOptions {
  /** The MQEmitter that the servers use. It is not closed with the broadcaster. */
  readonly emitter: Emitter;
  /** The servers' `namespace`. @default 'groupcast' */
  readonly namespace?: string;
  /** Definitions by the names of their subscription fields. */
  readonly subscriptions: { readonly [field: string]: Pick<Subscription, 'extensions'> };
  /** Milliseconds the broker has to take a broadcast. @default 5_000 */
  readonly broadcastTimeoutMs?: number;
  /** The most broadcasts that wait for the broker. @default 10_000 */
  readonly pendingBroadcasts?: number;
  /** Where failures are logged. @default nowhere */
  readonly log?: BrokerLog;
}

/** Broadcasts from a process without a server, and orders the servers to let clients go. */
export interface Broadcaster {
  readonly broadcast: Broadcast;
  /**
   * Ends subscriptions in every server: as `app.graphqlWs.unsubscribe`, without clients of its own.
   *
   * @returns resolves when the broker has taken the order, which may be before anybody has ended
   * @throws never synchronously; rejects as `broadcast` does
   */
  unsubscribe(subscription: SubscriptionReference, options?: UnsubscribeOptions): Promise<void>;
  /**
   * Closes connections in every server: as `app.graphqlWs.disconnect`, without clients of its own.
   *
   * @returns resolves when the broker has taken the order, which may be before anything is closed
   * @throws never synchronously; rejects for a tag that is no string, a code that may not be sent,
   *   and when the broker does not take the order, as `broadcast` does
   */
  disconnect(options: DisconnectOptions): Promise<void>;
  /** Refuses further broadcasts and orders, and waits for those under way. Can be called twice. */
  close(): Promise<void>;
}

const SILENT: BrokerLog = { error: () => {}, warn: () => {}, debug: () => {} };

const anObject = {
  expected: 'an object',
  accepts: (value: unknown) => typeof value === 'object' && value !== null,
};

/**
 * Makes a {@link Broadcaster} for a worker, a script, a cron job.
 *
 * @throws `GROUPCAST_ERR_OPTION_INVALID`, `GROUPCAST_ERR_OPTION_UNKNOWN`
 */
export function createBroadcaster(options: BroadcasterOptions): Broadcaster {
  const { emitter, subscriptions } = options;
  // Absent or undefined, what is required must be missed here.
  const given = { ...options, emitter: emitter ?? null, subscriptions: subscriptions ?? null };
  checkOptions(given, {
    emitter: anEmitter,
    subscriptions: anObject,
    namespace: aString,
    broadcastTimeoutMs: positiveMilliseconds,
    pendingBroadcasts: count,
    log: anObject,
  });
  const log = options.log ?? SILENT;
  const timeoutMs = options.broadcastTimeoutMs ?? publisherDefaults.timeoutMs;
  const namespace = options.namespace ?? 'groupcast';
  const broker = createBroker({
    emitter,
    ownsEmitter: false,
    log,
    onMessage: () => {},
  });
  const fields = new SubscriptionFields(definitionsOf(subscriptions));
  const publisher = new Publisher({
    broker,
    namespace,
    log,
    timeoutMs,
    pendingLimit: options.pendingBroadcasts ?? publisherDefaults.pendingLimit,
  });
  const sender = new OrderSender({ broker, namespace, log, timeoutMs });
  return {
    broadcast: createBroadcast({
      publisher,
      fields,
      log,
      diagnostics: new Diagnostics(namespace),
    }),
    ...createOrders({ sender, fields, log, carryOut: () => Promise.resolve() }),
    close: async () => {
      publisher.close();
      sender.close();
      await broker.close(timeoutMs);
    },
  };
}

function definitionsOf(
  subscriptions: BroadcasterOptions['subscriptions'],
): Map<string, SubscriptionDefinition> {
  const definitions = new Map<string, SubscriptionDefinition>();
  for (const [field, subscription] of Object.entries(subscriptions)) {
    const definition = subscription?.extensions?.groupcast;
    if (definition === undefined) {
      throw new OptionInvalidError(
        `subscriptions.${field}`,
        'what defineSubscription() returned',
        typeof subscription,
      );
    }
    const other = [...definitions].find(([, each]) => each === definition);
    if (other !== undefined) {
      throw new OptionInvalidError(
        `subscriptions.${field}`,
        'a definition of its own',
        `that of "${other[0]}"`,
      );
    }
    definitions.set(field, definition);
  }
  return definitions;
}
