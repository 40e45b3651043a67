import type { ReactElement } from 'react';
import type { RunningLoad } from './documents.ts';
import { formatCount, formatLeft } from './formats.ts';

interface LoadStatusProps {
  readonly load: RunningLoad | undefined;
  readonly lastEnd: string | undefined;
}

/** What the load does; only its phase is announced, not each number. */
export function LoadStatus({ load, lastEnd }: LoadStatusProps): ReactElement {
  return (
    <div className="load-status">
      <p role="status">{phaseOf(load, lastEnd)}</p>
      {load && (
        <dl>
          <dt>Subscribers</dt>
          <dd className="figure">
            {formatCount(load.live)} of {formatCount(load.subscribers + (load.slowReader ? 1 : 0))}
          </dd>
          <dt>Messages sent</dt>
          <dd className="figure">{formatCount(load.sent)}</dd>
          <dt>Results received</dt>
          <dd className="figure">{formatCount(load.received)}</dd>
          <dt>Ends in</dt>
          <dd className="figure">{formatLeft(load.endsAt - Date.now())}</dd>
        </dl>
      )}
    </div>
  );
}

function phaseOf(load: RunningLoad | undefined, lastEnd: string | undefined): string {
  if (load?.phase === 'RUNNING') return load.share ? 'Running, shared' : 'Running, not shared';
  if (load) return 'Subscribers connect …';
  return lastEnd === undefined ? 'Not running' : `Not running: ${lastEnd}`;
}
