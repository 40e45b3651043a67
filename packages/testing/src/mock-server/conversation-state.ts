import type { CloseEvent } from '../link.ts';

/** The code of a connection that ended without a close frame (RFC 6455, section 7.1.5). */
export const ABNORMAL = 1006;

/** The life of a connection; it moves down this list only. */
export type ConversationState =
  | { readonly name: 'awaiting-init' }
  | { readonly name: 'initialising' }
  | { readonly name: 'ready' }
  /** The server has decided to close; nothing is read any more. */
  | { readonly name: 'closing'; readonly close: CloseEvent }
  | { readonly name: 'closed'; readonly close: CloseEvent };

/** @throws RangeError when a connection can't be closed with this code */
export function checkCloseCode(code: number): void {
  const isOfProtocol = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  if (isOfProtocol || (code >= 3000 && code <= 4999)) return;
  const codes = '1000 to 1014 without 1004 to 1006, and 3000 to 4999';
  throw new RangeError(`A connection can't be closed with ${code}: codes are ${codes}`);
}
