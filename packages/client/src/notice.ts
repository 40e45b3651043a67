import type { JsonObject, ResultPayload } from '@groupcast/protocol';
import type { Continuity } from './continuity.ts';

/** What is asked of servers that know the protocol extension; others ignore it. */
export const EXTENSION: JsonObject = { v: 1, confirm: true, gaps: true };

/** What may stand under our key. */
interface Extension {
  readonly v?: unknown;
  readonly confirmed?: unknown;
  readonly gap?: { readonly reason?: unknown; readonly dropped?: unknown };
}

/** Reads what a server says about a subscription; nothing for a result that is an event. */
export function readNotice({ extensions }: ResultPayload): Continuity | boolean {
  // Whatever it is, reading members of it is safe: all that they hold is looked at below.
  const { v, confirmed, gap }: Extension = Object(extensions?.['groupcast']);
  if (v !== 1 || !gap) return v === 1 && !!confirmed;
  const { reason, dropped } = gap;
  return {
    state: 'gap',
    reason: typeof reason === 'string' ? reason : 'unknown',
    ...(typeof dropped === 'number' && { dropped }),
  };
}
