import type { ClientCodec, ServerCodec } from './codec.ts';
import { legacyClientCodec } from './legacy-client-codec.ts';
import { legacyServerCodec } from './legacy-server-codec.ts';
import { modernClientCodec } from './modern-client-codec.ts';
import { modernServerCodec } from './modern-server-codec.ts';
import { MODERN, type Subprotocol } from './subprotocol.ts';

/** The server's end of a subprotocol. A bundle that uses it holds both codecs. */
export function serverCodecFor(subprotocol: Subprotocol): ServerCodec {
  return subprotocol === MODERN ? modernServerCodec : legacyServerCodec;
}

/** The client's end of a subprotocol. A bundle that uses it holds both codecs. */
export function clientCodecFor(subprotocol: Subprotocol): ClientCodec {
  return subprotocol === MODERN ? modernClientCodec : legacyClientCodec;
}
