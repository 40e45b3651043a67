import type { NextEnvelope } from './codec.ts';
import type { WireId } from './messages.ts';

/** What stands around id and result in a message of `type`. */
export function nextEnvelope(type: 'next' | 'data'): NextEnvelope {
  return { beforeId: '{"id":', beforeResult: `,"type":"${type}","payload":`, end: '}' };
}

/** Writes a message around a result that is JSON text already. */
export function encodeNext(envelope: NextEnvelope, id: WireId, resultJson: string): string {
  return envelope.beforeId + JSON.stringify(id) + envelope.beforeResult + resultJson + envelope.end;
}
