import type { WireId } from './messages.ts';

/** Whether a legacy peer can echo it. JSON has numbers that are infinite once read: 1e999. */
export function isLegacyId(value: unknown): value is WireId {
  return typeof value === 'string' || Number.isFinite(value);
}
