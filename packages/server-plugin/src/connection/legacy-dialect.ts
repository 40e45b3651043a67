import { type FormattedError, LEGACY, legacyServerCodec, type WireId } from '@groupcast/protocol';
import type { OperationFailure } from '../operation/operation-client.ts';
import type { Dialect } from './dialect.ts';

/** The conduct of `graphql-ws`, the subprotocol of `subscriptions-transport-ws`. */
export const legacyDialect: Dialect = {
  subprotocol: LEGACY,
  decode: legacyServerCodec.decode,
  encodeNext: legacyServerCodec.encodeNext,
  nextEnvelope: legacyServerCodec.nextEnvelope,
  encodeComplete: (id) => legacyServerCodec.encode({ type: 'complete', id }),
  encodeFailure,
  encodeAck: (payload) =>
    legacyServerCodec.encode(
      payload === undefined ? { type: 'connection_ack' } : { type: 'connection_ack', payload },
    ),
  encodePong: () => undefined,
  encodeKeepAlive: () => legacyServerCodec.encode({ type: 'ka' }),
  encodeConnectionError: (error: FormattedError) =>
    legacyServerCodec.encode({ type: 'connection_error', payload: error }),
  secondInit: 'ignore',
  earlyOperations: 'hold',
  idInUse: 'replace',
  answersStop: true,
};

/**
 * Clients of this subprotocol read what fails in validation or in `subscribe` as a result without
 * data, followed by `complete`, and everything else that fails as one `error`.
 */
function encodeFailure(id: WireId, { stage, errors }: OperationFailure): readonly string[] {
  if (stage === 'validation' || stage === 'subscribe') {
    return [
      legacyServerCodec.encode({ type: 'next', id, payload: { errors } }),
      legacyServerCodec.encode({ type: 'complete', id }),
    ];
  }
  return [legacyServerCodec.encode({ type: 'error', id, payload: errors })];
}
