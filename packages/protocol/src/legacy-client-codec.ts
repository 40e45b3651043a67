import type { LegacyClientCodec, Sent } from './codec.ts';
import { isJsonObject } from './field-checks.ts';
import { areErrors, isError } from './formatted-errors.ts';
import { isLegacyId } from './legacy-id.ts';
import type {
  FormattedError,
  LegacyClientMessage,
  LegacyServerMessage,
  WireId,
} from './messages.ts';
import { type Falsy, isResult, readServerFrame, type UncheckedMessage } from './server-frame.ts';
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

function readMessage({ id, type, payload }: UncheckedMessage): LegacyServerMessage | Falsy {
  const hasId = isLegacyId(id);
  if (type === 'complete') return hasId && { id, type };
  if (type === 'data') {
    return hasId && payload && isResult(payload) && { id, type: 'next', payload };
  }
  if (type === 'error') {
    const errors = readErrors(payload);
    return hasId && errors && { id, type, payload: errors };
  }
  if (type === 'connection_error') return isError(payload) && { type, payload };
  if (type === 'ka' || type === 'connection_keep_alive') return { type: 'ka' };
  const isAck = type === 'connection_ack';
  return isAck && isJsonObject(payload ?? {}) && { type, ...(payload && { payload }) };
}

/** `{ errors }` and lists come from servers in the wild, one error is by the book. */
function readErrors(payload: UncheckedMessage['payload']): readonly FormattedError[] | undefined {
  return [payload?.errors, payload, [payload]].filter(areErrors).find(({ length }) => length);
}

/** A message that has an id; undefined members are not written. */
function write(
  { id, wireId = id }: { readonly id: string; readonly wireId?: WireId },
  type: string,
  payload?: unknown,
): string {
  return JSON.stringify({ id: wireId, type, payload });
}

function encode(message: Sent<LegacyClientMessage>): string {
  switch (message.type) {
    case 'subscribe':
      return write(message, 'start', message.payload);
    case 'complete':
      return write(message, 'stop');
    default:
      return JSON.stringify(message);
  }
}
