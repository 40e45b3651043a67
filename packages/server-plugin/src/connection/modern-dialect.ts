import { MODERN, modernServerCodec } from '@groupcast/protocol';
import type { Dialect } from './dialect.ts';

/** The conduct of `graphql-transport-ws`; with `echoComplete` a client's `complete` is answered. */
export function modernDialect(options: { readonly echoComplete: boolean }): Dialect {
  return {
    subprotocol: MODERN,
    decode: modernServerCodec.decode,
    encodeNext: modernServerCodec.encodeNext,
    nextEnvelope: modernServerCodec.nextEnvelope,
    encodeComplete: (id) => modernServerCodec.encode({ type: 'complete', id }),
    encodeFailure: (id, { errors }) => [
      modernServerCodec.encode({ type: 'error', id, payload: errors }),
    ],
    encodeAck: (payload) =>
      modernServerCodec.encode(
        payload === undefined ? { type: 'connection_ack' } : { type: 'connection_ack', payload },
      ),
    encodePong: (payload) =>
      modernServerCodec.encode(
        payload === undefined ? { type: 'pong' } : { type: 'pong', payload },
      ),
    encodeKeepAlive: () => undefined,
    encodeConnectionError: () => undefined,
    secondInit: 'close',
    earlyOperations: 'close',
    idInUse: 'close',
    answersStop: options.echoComplete,
  };
}
