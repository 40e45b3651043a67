import type { LegacyClientCodec } from './codec.ts';
import { isJsonObject } from './field-checks.ts';
import { readError, readErrors } from './formatted-errors.ts';
import { isLegacyId } from './legacy-id.ts';
import type {
  FormattedError,
  JsonObject,
  LegacyClientMessage,
  LegacyServerMessage,
  WireId,
} from './messages.ts';
import { readBare, readResult, readServerFrame } from './server-frame.ts';
import { LEGACY } from './subprotocol.ts';

/**
 * The client's end of `graphql-ws`, as the npm package `subscriptions-transport-ws` speaks it.
 *
 * @see https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md
 */
export const legacyClientCodec: LegacyClientCodec = {
  subprotocol: LEGACY,
  decode: (frame) => readServerFrame(frame, readMessage),
  encode,
};

function readMessage({ id, type, payload }: JsonObject): LegacyServerMessage | false | undefined {
  switch (type) {
    case 'connection_ack':
      return readBare(type, payload);
    case 'connection_error': {
      const error = readError(payload);
      return error && { type, payload: error };
    }
    case 'connection_keep_alive':
    case 'ka':
      return { type: 'ka' };
    default:
      return isLegacyId(id) && readOfOperation(id, type, payload);
  }
}

function readOfOperation(
  id: WireId,
  type: unknown,
  payload: unknown,
): LegacyServerMessage | undefined {
  if (type === 'complete') return { type, id };
  if (type === 'data') {
    const result = readResult(payload);
    return result && { type: 'next', id, payload: result };
  }
  const errors = type === 'error' ? readErrorForms(payload) : undefined;
  return errors && { type: 'error', id, payload: errors };
}

/** One error by the book; a list of them, or `{ errors }`, from servers in the wild. */
function readErrorForms(payload: unknown): readonly FormattedError[] | undefined {
  const listed = readErrors(isJsonObject(payload) ? payload['errors'] : payload);
  if (listed !== undefined) return listed;
  const single = readError(payload);
  return single && [single];
}

function encode(message: LegacyClientMessage): string {
  switch (message.type) {
    case 'subscribe':
      return JSON.stringify({ id: message.wireId, type: 'start', payload: message.payload });
    case 'complete':
      return JSON.stringify({ id: message.wireId, type: 'stop' });
    default:
      return JSON.stringify(message);
  }
}
