import { LEGACY } from '@groupcast/protocol';
import type { TestOperation } from '@groupcast/testing';
import type { Wire } from './wires.ts';

/** Stops an operation; the legacy subprotocol answers that by `complete`, which is taken. */
export async function stop(operation: TestOperation, wire: Wire): Promise<void> {
  operation.stop();
  if (wire.protocol === LEGACY) await operation.expectComplete();
}
