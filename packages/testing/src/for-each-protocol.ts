import { SUBPROTOCOLS, type Subprotocol } from '@groupcast/protocol';

/** Both subprotocols, the modern one first. */
export const PROTOCOLS: readonly Subprotocol[] = SUBPROTOCOLS;

/**
 * Registers the same tests for both subprotocols.
 *
 * @param register - called for each, at once; wrap its tests with your runner's `describe`
 */
export function forEachProtocol(register: (protocol: Subprotocol) => void): void {
  for (const protocol of PROTOCOLS) register(protocol);
}
