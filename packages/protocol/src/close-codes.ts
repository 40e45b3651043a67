import { cutReason } from './cut-reason.ts';

/**
 * The codes that a connection is closed with.
 *
 * Clients of the npm package `graphql-ws` connect again after 1001, 1012, 1013, 4403 and 4408, and
 * never after 4400, 4401, 4406, 4409, 4429 and 4500.
 */
export const CloseCode = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  MESSAGE_TOO_BIG: 1009,
  SERVICE_RESTART: 1012,
  TRY_AGAIN_LATER: 1013,
  BAD_REQUEST: 4400,
  UNAUTHORIZED: 4401,
  FORBIDDEN: 4403,
  SUBPROTOCOL_NOT_ACCEPTABLE: 4406,
  CONNECTION_INITIALISATION_TIMEOUT: 4408,
  SUBSCRIBER_ALREADY_EXISTS: 4409,
  TOO_MANY_INITIALISATION_REQUESTS: 4429,
  INTERNAL_SERVER_ERROR: 4500,
} as const;

/** A code of {@link CloseCode}. */
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/**
 * The reasons that never vary, under the names of their codes.
 *
 * All but that of 4406 are the protocol's own words.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export const closeReasons = {
  UNAUTHORIZED: 'Unauthorized',
  FORBIDDEN: 'Forbidden',
  SUBPROTOCOL_NOT_ACCEPTABLE:
    'Subprotocol not acceptable, offer "graphql-transport-ws" or "graphql-ws"',
  CONNECTION_INITIALISATION_TIMEOUT: 'Connection initialisation timeout',
  TOO_MANY_INITIALISATION_REQUESTS: 'Too many initialisation requests',
} as const;

/** The reason of 4409, in the protocol's words; a long id is cut, and the words after it with it. */
export function subscriberAlreadyExists(id: string): string {
  return cutReason(`Subscriber for ${id} already exists`);
}
