import { isObject } from '../broker/payload-format.ts';
import { checkCloseCode } from '../connection/app-connection.ts';
import { MessageUnreadableError } from '../errors.ts';
import type { Unsubscription } from '../operation/pending-subscriptions.ts';

/** Which connections are closed, and how. */
export interface Disconnection {
  readonly tag: string;
  readonly code: number;
  readonly reason: string;
}

/** What one process tells all of them: end these subscriptions, or close these connections. */
export type Order =
  | { readonly unsubscribe: Unsubscription }
  | { readonly disconnect: Disconnection };

/** An order, and who gave it. */
export interface GivenOrder {
  /** The id of the sender; absent when it needs not recognise its own orders. */
  readonly origin: string | undefined;
  readonly order: Order;
}

/** How connections are closed when an order does not say it. */
export const disconnectDefaults: Omit<Disconnection, 'tag'> = { code: 4403, reason: 'Forbidden' };

/** Writes an order as the payload of an envelope; {@link decodeOrder} says how. */
export function encodeOrder({ origin, order }: GivenOrder): string {
  return JSON.stringify({ origin, ...order });
}

/**
 * Reads the payload of an envelope as an order. It is one of these, in JSON:
 *
 * - `{"unsubscribe":{"field":"onMessage","group":"red"}}`; without `group` all of the field
 * - `{"disconnect":{"tag":"user:1","code":4403,"reason":"Forbidden"}}`; `code` and `reason` may be
 *   absent
 *
 * Beside it there may be `"origin":"…"`, by which a sender knows its own orders. Keys that are
 * unknown make an order unreadable: one that is misspelt, or that a later version understands,
 * must not end more than was meant.
 *
 * @param hasField - whether subscriptions of this field are served
 * @throws MessageUnreadableError, or CloseCodeInvalidError
 */
export function decodeOrder(payload: unknown, hasField: (field: string) => boolean): GivenOrder {
  const { origin, unsubscribe, disconnect } = read(payload, 'an order', [
    'origin',
    'unsubscribe',
    'disconnect',
  ]);
  if ((unsubscribe === undefined) === (disconnect === undefined)) {
    throw new MessageUnreadableError('an order must have one of "unsubscribe" and "disconnect"');
  }
  return {
    origin: optional(origin, 'origin'),
    order:
      disconnect === undefined
        ? { unsubscribe: readUnsubscription(unsubscribe, hasField) }
        : { disconnect: readDisconnection(disconnect) },
  };
}

function readUnsubscription(value: unknown, hasField: (field: string) => boolean): Unsubscription {
  const given = read(value, 'unsubscribe', ['field', 'group']);
  const field = required(given['field'], 'field');
  if (!hasField(field)) {
    throw new MessageUnreadableError(`"${field.slice(0, 100)}" is no field with a subscription`);
  }
  const group = optional(given['group'], 'group');
  return group === undefined ? { field } : { field, group };
}

function readDisconnection(value: unknown): Disconnection {
  const given = read(value, 'disconnect', ['tag', 'code', 'reason']);
  const { code = disconnectDefaults.code } = given;
  if (typeof code !== 'number') throw new MessageUnreadableError('"code" is not a number');
  checkCloseCode(code);
  return {
    tag: required(given['tag'], 'tag'),
    code,
    reason: optional(given['reason'], 'reason') ?? disconnectDefaults.reason,
  };
}

/** The values of an object that has none but these keys. */
function read(value: unknown, name: string, keys: readonly string[]): Record<string, unknown> {
  if (!isObject(value) || Array.isArray(value)) {
    throw new MessageUnreadableError(`${name} is not a JSON object`);
  }
  const unknownKey = Object.keys(value).find((key) => !keys.includes(key));
  if (unknownKey !== undefined) {
    throw new MessageUnreadableError(`${name} has the unknown key "${unknownKey.slice(0, 100)}"`);
  }
  return value;
}

function required(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new MessageUnreadableError(`"${name}" is not a string`);
}

function optional(value: unknown, name: string): string | undefined {
  return value === undefined ? undefined : required(value, name);
}
