import type { ReactElement } from 'react';
import type { Sample } from './documents.ts';
import { formatBytes, formatCount, formatMs, formatPercent } from './formats.ts';
import type { Frame } from './frame.ts';

interface TilesProps {
  readonly frame: Frame | undefined;
  readonly samples: readonly Sample[];
}

/** The figures of now. */
export function Tiles({ frame, samples }: TilesProps): ReactElement {
  const show = (figure: (frame: Frame) => string): string => (frame ? figure(frame) : '–');
  return (
    <dl className="tiles" aria-label="Now">
      <Tile name="Connections">{show((now) => formatCount(now.connections))}</Tile>
      <Tile name="Operations">{show((now) => formatCount(now.operations))}</Tile>
      <Tile name="Groups">{show((now) => formatCount(now.groups))}</Tile>
      <Tile name="Cohorts">{show((now) => formatCount(now.cohorts))}</Tile>
      <Tile name="Broadcasts per second">{show((now) => formatCount(now.broadcasts))}</Tile>
      <Tile name="Results per second">{show((now) => formatCount(now.computed))}</Tile>
      <Tile name="Deliveries per second">{show((now) => formatCount(now.deliveries))}</Tile>
      <Tile name="Bytes per second">{show((now) => formatBytes(now.bytesSent))}</Tile>
      <Tile name="Queue depth">{show((now) => formatCount(now.queued))}</Tile>
      <Tile name="Dropped per second">{show((now) => formatCount(now.dropped))}</Tile>
      <Tile name="Latency, 99 %">
        {show(({ latencyP99Ms: ms }) => (ms === undefined ? '–' : formatMs(ms)))}
      </Tile>
      <Tile name="Event-loop delay, 99 %">{show((now) => formatMs(now.loopP99Ms))}</Tile>
      <Tile name="Event loop busy">{show((now) => formatPercent(now.utilization))}</Tile>
      <Tile name="Broker">
        <BrokerHealth samples={samples} />
      </Tile>
    </dl>
  );
}

function Tile({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ReactElement | string;
}): ReactElement {
  return (
    <div className="card tile">
      <dt>{name}</dt>
      <dd className="figure">{children}</dd>
    </div>
  );
}

/** The worst of all processes. */
function BrokerHealth({ samples }: { readonly samples: readonly Sample[] }): ReactElement {
  const unwell = samples.find(({ broker }) => broker.status !== 'up')?.broker;
  const status = unwell?.status ?? (samples.length > 0 ? 'up' : '–');
  return (
    <span data-health={status} title={unwell?.error ?? undefined}>
      {status}
    </span>
  );
}
