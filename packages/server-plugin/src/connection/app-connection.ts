import { randomUUID } from 'node:crypto';
import type { JsonObject, Subprotocol } from '@groupcast/protocol';
import { CloseCodeInvalidError } from '../errors.ts';
import type { OperationLog } from '../operation/operation-client.ts';
import type { ClientConnection, ConnectionStateOfApp } from './client-connection.ts';

/** Unique in the world: of the process and of the connection in it. */
const idPrefix = `${randomUUID()}-`;
let connections = 0;

/** Who closes a connection. */
export interface Closer {
  close(code: number, reason: string): void;
}

/** The object that stands for a connection in the app's hooks; it leads to nothing internal. */
export class AppConnection implements ClientConnection {
  readonly id: string;
  readonly log: OperationLog;
  readonly protocol: Subprotocol;
  params: JsonObject = {};
  // The app declares what its state is, and sets it before anyone but `onConnect` can look.
  state: ConnectionStateOfApp = {} as ConnectionStateOfApp;
  readonly #closer: Closer;

  constructor(
    { log, protocol }: { readonly log: OperationLog; readonly protocol: Subprotocol },
    closer: Closer,
  ) {
    connections += 1;
    this.id = `${idPrefix}${connections}`;
    this.log = log;
    this.protocol = protocol;
    this.#closer = closer;
  }

  close(code = 1000, reason = ''): void {
    checkCloseCode(code);
    this.#closer.close(code, reason);
  }
}

/**
 * Checks a close code that the app chose.
 *
 * @throws CloseCodeInvalidError unless it is 1000 or 3000 to 4999 (RFC 6455, section 7.4)
 */
export function checkCloseCode(code: number): void {
  const isLegal = Number.isInteger(code) && (code === 1000 || (code >= 3000 && code <= 4999));
  if (!isLegal) throw new CloseCodeInvalidError(code);
}
