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
