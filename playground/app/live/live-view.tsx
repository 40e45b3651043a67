import './live.css';
import { useClientStatus, useSubscription } from '@groupcast/client/react';
import { type ReactElement, useState } from 'react';
import { OnLive } from './documents.ts';
import { EMPTY, withSample } from './history.ts';
import { LatencyPlot } from './latency-plot.tsx';
import { LinePlot } from './line-plot.tsx';
import { LoadControls } from './load-controls.tsx';
import { PLOTS } from './plots.ts';
import { ProcessTable } from './process-table.tsx';
import { Tiles } from './tiles.tsx';

/** What the server does, as figures and plots; and a load that one can put on it. */
export function LiveView(): ReactElement {
  const [{ samples, frames }, setHistory] = useState(EMPTY);
  const { status, error, restart } = useSubscription(
    OnLive,
    {},
    { onData: ({ live }) => setHistory((before) => withSample(before, live)) },
  );
  const connection = useClientStatus();
  const load = samples.find((sample) => sample.load)?.load ?? undefined;
  const lastEnd = samples.find((sample) => sample.lastLoadEnd)?.lastLoadEnd ?? undefined;
  const isLive = status === 'live' && connection.name === 'open' && frames.length > 0;
  return (
    <main className="live" aria-busy={!isLive}>
      <header className="live-head">
        <h2>The server, live</h2>
        <p className="soft" role="status">
          {isLive ? 'One sample each second, by a subscription' : 'Waiting for the server …'}
        </p>
      </header>
      {status === 'ended' && (
        <p className="problem" role="alert">
          {error?.message ?? 'The subscription has ended'}{' '}
          <button type="button" onClick={restart}>
            Subscribe again
          </button>
        </p>
      )}
      <Tiles frame={frames.at(-1)} samples={samples} />
      <div className="live-columns">
        <LoadControls load={load} lastEnd={lastEnd} />
        <div className="plots">
          {PLOTS.slice(0, 2).map((definition) => (
            <LinePlot key={definition.title} definition={definition} frames={frames} />
          ))}
          <LatencyPlot frames={frames} />
          {PLOTS.slice(2).map((definition) => (
            <LinePlot key={definition.title} definition={definition} frames={frames} />
          ))}
        </div>
      </div>
      {samples.length > 1 && <ProcessTable samples={samples} />}
    </main>
  );
}

export default LiveView;
