import {
  type FormattedError,
  LEGACY,
  type ResultPayload,
  type ServerMessage,
  type Subprotocol,
  type Violation,
  type WireId,
} from '@groupcast/protocol';

import { show } from './show.ts';
import { type Frame, parseObject } from './show-frame.ts';

/** What a server says about one operation, in the same words for both subprotocols. */
export type OperationEvent =
  | { readonly type: 'next'; readonly payload: ResultPayload }
  | { readonly type: 'error'; readonly errors: readonly FormattedError[] }
  | { readonly type: 'complete' };

/** An event and whose it is. */
export interface AddressedEvent {
  readonly id: WireId;
  readonly event: OperationEvent;
}

/**
 * Reads what a message says about an operation.
 *
 * @param frame - the frame that the message was decoded from
 * @returns undefined when the message is about the connection, or is broken
 */
export function readEvent(
  message: ServerMessage | Violation,
  frame: Frame,
): AddressedEvent | undefined {
  switch (message.type) {
    case 'next': {
      // The payload as it came: the codec leaves out what a test may want to see, as `errors: []`.
      const payload = parseObject(frame)?.['payload'];
      return {
        id: message.id,
        event: { type: 'next', payload: isResult(payload) ? payload : message.payload },
      };
    }
    case 'error':
      return { id: message.id, event: { type: 'error', errors: message.payload } };
    case 'complete':
      return { id: message.id, event: { type: 'complete' } };
    default:
      return undefined;
  }
}

/** An event as it stands in a failure's message. */
export function showEvent(event: OperationEvent): string {
  switch (event.type) {
    case 'next':
      return `next ${show(event.payload)}`;
    case 'error':
      return `error ${show(event.errors)}`;
    case 'complete':
      return 'complete';
    default:
      return event satisfies never;
  }
}

/**
 * The errors of a result that stands for a failed operation.
 *
 * A legacy server says so with a result that has errors and no data, followed by `complete`, where
 * a modern one has its `error` message.
 */
export function refusalIn(
  { data, errors }: ResultPayload,
  subprotocol: Subprotocol,
): readonly FormattedError[] | undefined {
  return subprotocol === LEGACY && data === undefined ? errors : undefined;
}

function isResult(payload: unknown): payload is ResultPayload {
  return typeof payload === 'object' && payload !== null;
}
