import type { JsonObject, ResultPayload } from '@groupcast/protocol';
import { LONGEST_FLOOR_MS } from './back-off.ts';
import type { Continuity } from './continuity.ts';

/** What is asked of servers that know the protocol extension; others ignore it. */
export const EXTENSION: JsonObject = { v: 1, confirm: true, gaps: true };

/** What may stand under our key. */
interface Extension {
  readonly v?: unknown;
  readonly confirmed?: unknown;
  readonly retryAfterMs?: unknown;
  readonly gap?: { readonly reason?: unknown; readonly dropped?: unknown };
}

/**
 * Reads what a server says about a subscription.
 *
 * @returns a gap; or for a confirmation the milliseconds to wait before the next dial, should the
 *   connection end without a close frame; false for a result that is an event
 */
export function readNotice({ extensions }: ResultPayload): Continuity | number | false {
  // Whatever it is, reading members of it is safe: all that they hold is looked at below.
  const { v, confirmed, gap, retryAfterMs }: Extension = Object(extensions?.['groupcast']);
  if (v !== 1 || (!gap && !confirmed)) return false;
  if (!gap) {
    const isWait =
      typeof retryAfterMs === 'number' && retryAfterMs >= 0 && retryAfterMs <= LONGEST_FLOOR_MS;
    return isWait ? retryAfterMs : 0;
  }
  const { reason, dropped } = gap;
  return {
    state: 'gap',
    reason: typeof reason === 'string' ? reason : 'unknown',
    ...(typeof dropped === 'number' && { dropped }),
  };
}
