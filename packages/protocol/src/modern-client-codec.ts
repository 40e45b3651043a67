import type { ModernClientCodec } from './codec.ts';
import { readErrors } from './formatted-errors.ts';
import type { JsonObject, ModernServerMessage } from './messages.ts';
import { readBare, readResult, readServerFrame } from './server-frame.ts';
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

function readMessage({ id, type, payload }: JsonObject): ModernServerMessage | false | undefined {
  switch (type) {
    case 'connection_ack':
      return readBare(type, payload);
    case 'ping':
    case 'pong':
      return payload === null ? { type, payload } : readBare(type, payload);
    default:
      return typeof id === 'string' && id !== '' && readOfOperation(id, type, payload);
  }
}

function readOfOperation(
  id: string,
  type: unknown,
  payload: unknown,
): ModernServerMessage | undefined {
  if (type === 'complete') return { type, id };
  if (type === 'next') {
    const result = readResult(payload);
    return result && { type, id, payload: result };
  }
  const errors = type === 'error' ? readErrors(payload) : undefined;
  return errors && { type: 'error', id, payload: errors };
}
