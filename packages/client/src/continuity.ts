/**
 * Why events may be missing.
 *
 * - `reconnected`: the connection was lost and is back
 * - `queue`: the server dropped events, since this subscriber was too slow
 * - `broker`: what carries events between server processes has lost some, or had an outage
 * - `buffer`: more results waited to be taken than `bufferLimit`
 */
export type GapReason = 'reconnected' | 'queue' | 'broker' | 'buffer' | (string & {});

/** Whether a subscription can be relied on to have heard everything. */
export type Continuity =
  | { readonly state: 'live'; readonly reason: 'subscribed' }
  | {
      readonly state: 'gap';
      readonly reason: GapReason;
      /** How many are missing, where that is known. */
      readonly dropped?: number;
    };
