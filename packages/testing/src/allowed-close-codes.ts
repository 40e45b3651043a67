import { CloseCode, MODERN, type Subprotocol } from '@groupcast/protocol';

/** The codes of RFC 6455 that a server may close with, and those that say that it gave none. */
const WEBSOCKET = [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013];

const {
  UNAUTHORIZED,
  FORBIDDEN,
  SUBPROTOCOL_NOT_ACCEPTABLE,
  CONNECTION_INITIALISATION_TIMEOUT,
  INTERNAL_SERVER_ERROR,
} = CloseCode;

const MODERN_CODES: ReadonlySet<number> = new Set([...WEBSOCKET, ...Object.values(CloseCode)]);

/** The legacy subprotocol has no list of its own; it answers with messages where others close. */
const LEGACY_CODES: ReadonlySet<number> = new Set([
  ...WEBSOCKET,
  UNAUTHORIZED,
  FORBIDDEN,
  SUBPROTOCOL_NOT_ACCEPTABLE,
  CONNECTION_INITIALISATION_TIMEOUT,
  INTERNAL_SERVER_ERROR,
]);

/** The codes that a server of a subprotocol closes with. */
export function allowedCloseCodes(subprotocol: Subprotocol): ReadonlySet<number> {
  return subprotocol === MODERN ? MODERN_CODES : LEGACY_CODES;
}
