import type { ModernClientCodec } from './codec.ts';
import { isJsonObject } from './field-checks.ts';
import { areErrors } from './formatted-errors.ts';
import type { ModernServerMessage } from './messages.ts';
import { type Falsy, isResult, readServerFrame, type UncheckedMessage } from './server-frame.ts';
import { MODERN } from './subprotocol.ts';

/**
 * The client's end of `graphql-transport-ws`.
 *
 * @see https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
 */
export const modernClientCodec: ModernClientCodec = {
  subprotocol: MODERN,
  decode: (frame) => readServerFrame(frame, readMessage),
  // What a message does not have is undefined, and not written.
  encode: ({ id, type, payload }: { id?: string; type: string; payload?: unknown }) =>
    JSON.stringify({ id, type, payload }),
};

function readMessage({ id, type, payload }: UncheckedMessage): ModernServerMessage | Falsy {
  const hasId = typeof id === 'string' && id;
  if (type === 'complete') return hasId && { id, type };
  if (type === 'next') return hasId && payload && isResult(payload) && { id, type, payload };
  if (type === 'error') {
    return hasId && areErrors(payload) && payload.length && { id, type, payload };
  }
  // Nothing but a payload; null counts as none.
  const isBare = type === 'connection_ack' || type === 'ping' || type === 'pong';
  return isBare && isJsonObject(payload ?? {}) && { type, ...(payload && { payload }) };
}
