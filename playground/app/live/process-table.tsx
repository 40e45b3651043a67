import type { ReactElement } from 'react';
import type { Sample } from './documents.ts';
import { formatBytes, formatCount, formatMs, formatPercent } from './formats.ts';

const COLUMNS: readonly (readonly [name: string, figure: (sample: Sample) => string])[] = [
  ['Connections', ({ connections }) => formatCount(connections)],
  ['Places in groups', ({ members }) => formatCount(members)],
  ['Broadcasts/s', ({ rates }) => formatCount(rates.broadcasts)],
  ['Deliveries/s', ({ rates }) => formatCount(rates.deliveries)],
  ['Bytes/s', ({ rates }) => formatBytes(rates.bytes)],
  ['Queued', ({ queued }) => formatCount(queued)],
  ['Dropped/s', ({ rates }) => formatCount(rates.dropped)],
  ['Loop delay, 99 %', ({ eventLoop }) => formatMs(eventLoop.p99Ms)],
  ['Loop busy', ({ eventLoop }) => formatPercent(eventLoop.utilization)],
  ['Broker', ({ broker }) => broker.status],
];

/** Each process by itself. */
export function ProcessTable({ samples }: { readonly samples: readonly Sample[] }): ReactElement {
  return (
    <section className="card processes" aria-labelledby="processes-title">
      <h3 id="processes-title">Processes</h3>
      <section
        className="scrolling"
        aria-label="Figures of each process"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Process</th>
              {COLUMNS.map(([name]) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {samples.map((sample) => (
              <tr key={sample.process}>
                <th scope="row" className="figure">
                  {sample.process}
                  {sample.load && <span className="soft"> sends the load</span>}
                </th>
                {COLUMNS.map(([name, figure]) => (
                  <td key={name} className="figure">
                    {figure(sample)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
