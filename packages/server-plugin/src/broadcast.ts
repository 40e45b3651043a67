import leven from 'leven';
import type { BrokerLog, Published } from './broker/broker.ts';
import type { Publisher } from './broker/publisher.ts';
import type { Diagnostics } from './diagnostics.ts';
import { GroupInvalidError, SubscriptionUnknownError } from './errors.ts';
import type {
  Subscription,
  SubscriptionDefinition,
} from './subscription/subscription-definition.ts';

/** What is broadcast, and to whom. */
export interface BroadcastOptions<Payload = unknown> {
  readonly payload: Payload;
  /** The group that hears it. Only an absent key means all subscribers of the field. */
  readonly group?: string;
}

/** Sends events to subscribers in every process. */
export interface Broadcast {
  /**
   * Sends `event.payload` to the subscribers in `event.group`, in every process.
   *
   * The payload is encoded within the call, and calls are delivered in their order, awaited or
   * not. A forgotten promise ends no process; each failure is logged.
   *
   * @param subscription - what `defineSubscription` returned
   * @returns resolves when the broker has taken the event, which may be before it is delivered
   * @throws never synchronously; rejects with a coded error: `GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN`,
   *   `_GROUP_INVALID`, `_PAYLOAD_INVALID`, `_BROKER_UNAVAILABLE`, `_BROADCAST_TIMEOUT`,
   *   `_TOO_MANY_BROADCASTS`, `_BROADCASTER_CLOSED`
   */
  <Payload, Args, Context>(
    subscription: Subscription<Payload, Args, Context>,
    event: BroadcastOptions<NoInfer<Payload>>,
  ): Promise<Published>;
  /** The same by the name of the subscription field; the payload is not checked. */
  (field: string, event: BroadcastOptions): Promise<Published>;
}

/** A subscription as calls name it: the definition, or the name of its field. */
export type SubscriptionReference =
  | string
  | { readonly extensions: { readonly groupcast: object } };

/** Finds the field of a definition; knows all subscriptions that are served. */
export class SubscriptionFields {
  readonly #fields = new Map<object, string>();
  readonly #names: ReadonlySet<string>;

  constructor(definitions: ReadonlyMap<string, SubscriptionDefinition>) {
    for (const [field, definition] of definitions) this.#fields.set(definition, field);
    this.#names = new Set(definitions.keys());
  }

  /**
   * The name of the field that a call means.
   *
   * @param action - completes the sentence "Cannot …"
   * @throws SubscriptionUnknownError
   */
  resolve(reference: SubscriptionReference, action: string): string {
    if (typeof reference === 'string') {
      if (this.#names.has(reference)) return reference;
      throw this.#unknown(reference, action);
    }
    const field = this.#fields.get(reference?.extensions?.groupcast);
    if (field !== undefined) return field;
    throw new SubscriptionUnknownError(
      action,
      'the subscription given is on no field of the schema; give what defineSubscription() returned',
    );
  }

  #unknown(name: string, action: string): Error {
    const [nearest] = [...this.#names].sort((a, b) => leven(name, a) - leven(name, b));
    const hint = nearest === undefined ? '' : `, did you mean "${nearest}"?`;
    return new SubscriptionUnknownError(
      action,
      `the schema has no group subscription "${name}"${hint}`,
    );
  }
}

/**
 * Reads the group of a call: absent only when the key is.
 *
 * `group: undefined` of a missing property must not come to mean everybody, nor must a misspelt key.
 *
 * @throws GroupInvalidError
 */
export function readGroup(
  options: object | undefined,
  action: string,
  otherKeys: readonly string[],
): string | undefined {
  if (typeof options !== 'object' || options === null) {
    throw new GroupInvalidError(action, 'no object to read it from');
  }
  for (const key of Object.keys(options)) {
    if (key === 'group' || otherKeys.includes(key)) continue;
    throw new GroupInvalidError(action, `nothing but the unknown key "${key}"`);
  }
  if (!('group' in options)) return undefined;
  const { group } = options;
  if (typeof group === 'string') return group;
  throw new GroupInvalidError(action, group === null ? 'null' : `a value of type ${typeof group}`);
}

/** What {@link createBroadcast} needs. */
export interface BroadcastParts {
  readonly publisher: Publisher;
  readonly fields: SubscriptionFields;
  readonly log: BrokerLog;
  readonly diagnostics: Diagnostics;
}

const BROADCAST_KEYS = ['payload'];

/** Makes the `broadcast` function over a publisher. */
export function createBroadcast(parts: BroadcastParts): Broadcast {
  const { diagnostics, fields, log, publisher } = parts;
  return (reference: SubscriptionReference, event: BroadcastOptions): Promise<Published> => {
    try {
      const field = fields.resolve(reference, 'broadcast');
      const group = readGroup(event, 'broadcast', BROADCAST_KEYS);
      // Before: a broker in memory delivers within the call.
      const follow = diagnostics.broadcast(field, group);
      const published = publisher.publish(field, group, event.payload);
      follow?.(published);
      return published;
    } catch (error) {
      return rejected(error, log);
    }
  };
}

/** A rejection that is logged, and handled, should nobody wait for it. */
export function rejected(error: unknown, log: BrokerLog): Promise<never> {
  log.error({ err: error }, 'A call was refused');
  const rejection = Promise.reject(error);
  rejection.catch(() => undefined);
  return rejection;
}
