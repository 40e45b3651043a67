import { CloseCode } from './close-codes.ts';
import { cutReason } from './cut-reason.ts';
import type { WireId } from './messages.ts';

/**
 * A message that breaks the subprotocol, together with what the subprotocol wants to happen.
 *
 * - `close`: the connection is closed with `code` and `reason`
 * - `operation-error`: one `error` for `id` that says `reason`; the connection lives (legacy)
 * - `connection-error`: one `connection_error` that says `reason`; the connection lives (legacy)
 */
export type Violation =
  | {
      readonly type: 'violation';
      readonly answer: 'close';
      readonly code: number;
      readonly reason: string;
    }
  | {
      readonly type: 'violation';
      readonly answer: 'operation-error';
      readonly id: WireId;
      readonly reason: string;
    }
  | { readonly type: 'violation'; readonly answer: 'connection-error'; readonly reason: string };

/** The violation that ends the connection with 4400. */
export function closing(reason: string): Violation {
  return {
    type: 'violation',
    answer: 'close',
    code: CloseCode.BAD_REQUEST,
    reason: cutReason(reason),
  };
}

/** The violation that ends one operation of a legacy connection, or is told under its id. */
export function endingOperation(id: WireId, reason: string): Violation {
  return { type: 'violation', answer: 'operation-error', id, reason: cutReason(reason) };
}

/** The violation that a legacy connection is told of without an id. */
export function tellingConnection(reason: string): Violation {
  return { type: 'violation', answer: 'connection-error', reason: cutReason(reason) };
}
