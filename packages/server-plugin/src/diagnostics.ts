import { type Channel, channel } from 'node:diagnostics_channel';
import type { BrokerHealth, Published } from './broker/broker.ts';
import type { BroadcastEvent } from './broker/event.ts';
import type { Connection } from './connection/connection.ts';
import type { Notification, Rendered, Subscriber } from './delivery/notification.ts';
import type { Cohort } from './groups/groups.ts';
import { groupTopic } from './groups/topic.ts';
import type { GroupSubscription } from './operation/group-subscription.ts';

/** A client has connected; it has not said who it is yet. */
export interface ConnectionOpenMessage {
  readonly namespace: string;
  /** As `connection.id` in the hooks of the app. */
  readonly connection: string;
  /** The subprotocol. */
  readonly protocol: string;
}

/** A connection is gone, and the app's hooks have run. */
export interface ConnectionCloseMessage extends ConnectionOpenMessage {
  readonly code: number;
  readonly reason: string;
}

/** A call of `broadcast` in this process has ended: the broker has taken the event, or it failed. */
export interface BroadcastMessage {
  readonly namespace: string;
  readonly field: string;
  /** Absent for all subscribers of the field. */
  readonly group?: string;
  /** From the call to its end. */
  readonly durationMs: number;
  /** How many processes heard it, where the broker can tell. */
  readonly processes?: number;
  /** Why it failed; absent when the broker has taken it. */
  readonly error?: unknown;
}

/** Subscribers of a group in this process have got their results of one event, in one turn of the event loop. */
export interface DeliveryMessage {
  readonly namespace: string;
  readonly field: string;
  /** Absent for all subscribers of the field. */
  readonly group?: string;
  /** The cohorts of the group when the event arrived, and the subscribers in them. */
  readonly cohorts: number;
  readonly members: number;
  /** Results in this turn. Those who are slow, or wait for a function of the app, come in a later message. */
  readonly delivered: number;
  /** Subscribers whom the event does not concern, found in this turn: `filter` or `SKIP` said so. */
  readonly withheld: number;
  /** From the event's arrival in this process to the last of these results. */
  readonly durationMs: number;
  /** The payload of the event. */
  payload(): unknown;
}

/** The broker's health has changed. */
export interface HealthMessage extends BrokerHealth {
  readonly namespace: string;
}

/** The channels of `node:diagnostics_channel` that the plugin publishes on, with their messages. */
export interface DiagnosticsMessages {
  readonly 'groupcast:connection:open': ConnectionOpenMessage;
  readonly 'groupcast:connection:close': ConnectionCloseMessage;
  readonly 'groupcast:broadcast': BroadcastMessage;
  readonly 'groupcast:delivery': DeliveryMessage;
  readonly 'groupcast:health': HealthMessage;
}

const channels: { readonly [Name in keyof DiagnosticsMessages]: Channel } = {
  'groupcast:connection:open': channel('groupcast:connection:open'),
  'groupcast:connection:close': channel('groupcast:connection:close'),
  'groupcast:broadcast': channel('groupcast:broadcast'),
  'groupcast:delivery': channel('groupcast:delivery'),
  'groupcast:health': channel('groupcast:health'),
};

// Taken once: faked timers of an app's tests must not hold messages back.
const nextTurn = setImmediate;
const now = performance.now.bind(performance);

/**
 * Publishes what happens in one registered plugin on channels of `node:diagnostics_channel`.
 *
 * Makes no message, and asks no clock, for a channel that nobody listens on.
 */
export class Diagnostics {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  connectionOpened(connection: Connection): void {
    if (!channels['groupcast:connection:open'].hasSubscribers) return;
    this.#publish('groupcast:connection:open', this.#connection(connection));
  }

  connectionClosed(connection: Connection): void {
    if (!channels['groupcast:connection:close'].hasSubscribers) return;
    const { state } = connection;
    this.#publish('groupcast:connection:close', {
      ...this.#connection(connection),
      code: 'code' in state ? state.code : 1006,
      reason: 'reason' in state ? state.reason : '',
    });
  }

  healthChanged(health: BrokerHealth): void {
    if (!channels['groupcast:health'].hasSubscribers) return;
    this.#publish('groupcast:health', { namespace: this.#namespace, ...health });
  }

  /**
   * Takes the time of a broadcast that begins now.
   *
   * @returns is to be given the broadcast; undefined when nobody wants to know
   */
  broadcast(
    field: string,
    group: string | undefined,
  ): ((published: Promise<Published>) => void) | undefined {
    if (!channels['groupcast:broadcast'].hasSubscribers) return undefined;
    const startedAt = now();
    const tell = (outcome: Pick<BroadcastMessage, 'processes' | 'error'>): void =>
      this.#publish('groupcast:broadcast', {
        namespace: this.#namespace,
        field,
        ...(group !== undefined && { group }),
        durationMs: now() - startedAt,
        ...outcome,
      });
    return (published) => void published.then(tell, (error: unknown) => tell({ error }));
  }

  /** Follows an event to its subscribers; undefined when nobody wants to know. */
  delivery(
    event: BroadcastEvent,
    cohorts: readonly Cohort<GroupSubscription>[],
  ): FollowedDelivery | undefined {
    if (!channels['groupcast:delivery'].hasSubscribers) return undefined;
    const [first] = cohorts[0] ?? [];
    if (first === undefined) return undefined;
    const { field } = first.plan;
    const group = first.source.groups.find(
      (name) => groupTopic(this.#namespace, field, name) === event.topic,
    );
    const known = {
      namespace: this.#namespace,
      field,
      ...(group !== undefined && { group }),
      cohorts: cohorts.length,
      members: cohorts.reduce((sum, members) => sum + members.length, 0),
      payload: () => event.payload(),
    };
    return new FollowedDelivery((progress) =>
      this.#publish('groupcast:delivery', { ...known, ...progress }),
    );
  }

  #connection({ app: { id, protocol } }: Connection): ConnectionOpenMessage {
    return { namespace: this.#namespace, connection: id, protocol };
  }

  #publish<Name extends keyof DiagnosticsMessages>(
    name: Name,
    message: DiagnosticsMessages[Name],
  ): void {
    channels[name].publish(message);
  }
}

type Progress = Pick<DeliveryMessage, 'delivered' | 'withheld' | 'durationMs'>;

/** One event on its way to all members of a group: counts who has got it, and tells once a turn. */
export class FollowedDelivery {
  readonly #tell: (progress: Progress) => void;
  readonly #arrivedAt = now();
  #delivered = 0;
  #withheld = 0;
  #lastAt = 0;
  #isBooked = false;

  constructor(tell: (progress: Progress) => void) {
    this.#tell = tell;
  }

  /** The same notification, counted. */
  follow(notification: Notification): Notification {
    return {
      resultFor: (subscriber: Subscriber) => {
        const rendered = notification.resultFor(subscriber);
        if (rendered instanceof Promise) void rendered.then((settled) => this.#count(settled));
        else this.#count(rendered);
        return rendered;
      },
      release: (subscriber) => notification.release(subscriber),
    };
  }

  #count(rendered: Rendered): void {
    if (rendered === undefined) this.#withheld += 1;
    else this.#delivered += 1;
    this.#lastAt = now();
    if (this.#isBooked) return;
    this.#isBooked = true;
    nextTurn(() => this.#publish());
  }

  #publish(): void {
    const [delivered, withheld] = [this.#delivered, this.#withheld];
    this.#isBooked = false;
    this.#delivered = 0;
    this.#withheld = 0;
    this.#tell({ delivered, withheld, durationMs: this.#lastAt - this.#arrivedAt });
  }
}
