import type { JsonObject, ResultPayload } from '@groupcast/protocol';

/** The `extensions` of an operation whose client wants to be told of gaps. */
export const askForGaps: JsonObject = { groupcast: { v: 1, gaps: true } };

/** The result that tells that so many notifications were dropped. */
export function queueGap(dropped: number): ResultPayload {
  return notice({ reason: 'queue', dropped });
}

/** The result that tells that the broker may have lost events. */
export const brokerGap: ResultPayload = notice({ reason: 'broker' });

/** The result that tells that so many events were lost on their way. */
export function lostGap(dropped: number): ResultPayload {
  return notice({ reason: 'broker', dropped });
}

function notice(gap: JsonObject): ResultPayload {
  return { data: null, extensions: { groupcast: { v: 1, gap } } };
}
