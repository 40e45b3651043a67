import type { ClientCodec, ServerCodec } from './codec.ts';
import { legacyClientCodec, legacyServerCodec } from './legacy-codec.ts';
import { modernClientCodec, modernServerCodec } from './modern-codec.ts';
import { MODERN, type Subprotocol } from './subprotocol.ts';

/** The server's end of a subprotocol. A bundle that uses it holds both codecs. */
export function serverCodecFor(subprotocol: Subprotocol): ServerCodec {
  return subprotocol === MODERN ? modernServerCodec : legacyServerCodec;
}

/** The client's end of a subprotocol. A bundle that uses it holds both codecs. */
export function clientCodecFor(subprotocol: Subprotocol): ClientCodec {
  return subprotocol === MODERN ? modernClientCodec : legacyClientCodec;
}
