import { readGroup, rejected, type SubscriptionFields } from './broadcast.ts';
import type { BrokerLog } from './broker/broker.ts';
import { checkCloseCode } from './connection/app-connection.ts';
import { TagInvalidError } from './errors.ts';
import type { DisconnectOptions, GraphqlWs, UnsubscribeOptions } from './graphql-ws.ts';
import { disconnectDefaults, type Order } from './orders/order.ts';
import type { OrderSender } from './orders/order-sender.ts';

/** What {@link createOrders} needs. */
export interface OrdersParts {
  readonly sender: OrderSender;
  readonly fields: SubscriptionFields;
  readonly log: BrokerLog;
  /** What an order does in this process, at once. */
  readonly carryOut: (order: Order) => Promise<void>;
}

/** Makes the functions by which an app gives orders to all processes. */
export function createOrders(parts: OrdersParts): Pick<GraphqlWs, 'unsubscribe' | 'disconnect'> {
  const { fields } = parts;
  return {
    unsubscribe: (subscription, ...given) =>
      give(parts, () => {
        const field = fields.resolve(subscription, 'unsubscribe');
        // Options that are undefined by mistake must not come to mean everybody.
        return { unsubscribe: { field, ...readTarget(given.length === 0 ? {} : given[0]) } };
      }),
    disconnect: (options) => give(parts, () => ({ disconnect: readDisconnection(options) })),
  };
}

/** Never throws, nor ends the process when nobody waits: all failures are logged. */
function give({ carryOut, log, sender }: OrdersParts, read: () => Order): Promise<void> {
  try {
    const order = read();
    const carriedOut = carryOut(order);
    const sent = sender.send(order);
    const given = carriedOut.then(() => sent);
    given.catch(() => undefined);
    return given;
  } catch (error) {
    return rejected(error, log);
  }
}

function readTarget(options: UnsubscribeOptions | undefined): UnsubscribeOptions {
  const group = readGroup(options, 'unsubscribe', []);
  return group === undefined ? {} : { group };
}

function readDisconnection(options: DisconnectOptions): Required<DisconnectOptions> {
  const defaults = disconnectDefaults;
  const { tag, code = defaults.code, reason = defaults.reason } = options ?? {};
  if (typeof tag !== 'string') throw new TagInvalidError(typeof tag);
  checkCloseCode(code);
  // The other processes would not take what is no string, though this one did.
  return { tag, code, reason: String(reason) };
}
