import { type ReactElement, useId, useMemo } from 'react';
import uPlot from 'uplot';
import { axis } from './axes.ts';
import { formatCount, formatPercent } from './formats.ts';
import { addUp, type Frame } from './frame.ts';
import { colorOf } from './plot-theme.ts';
import { type PlotOptions, useUplot } from './use-uplot.ts';

/** How many frames are put together. */
const FRAMES = 10;

/** How the latencies of the last seconds are spread. */
export function LatencyPlot({ frames }: { readonly frames: readonly Frame[] }): ReactElement {
  const id = useId();
  const bounds = frames.at(-1)?.bounds ?? [];
  const labels = bounds.map(String).join(' ');
  const options = useMemo(() => barOptions(labels.split(' ')), [labels]);
  const parts = useMemo(() => partsOf(frames.slice(-FRAMES)), [frames]);
  const data = useMemo<uPlot.AlignedData>(() => [parts.map((_, index) => index), parts], [parts]);
  const element = useUplot(options, data);
  const largest = parts.indexOf(Math.max(...parts));
  const most = bounds[largest] === undefined ? `more than ${bounds.at(-1)}` : bounds[largest];
  const spoken = parts.length === 0 ? 'nothing yet' : `most within ${most} ms`;
  return (
    <section className="card plot" aria-labelledby={id}>
      <h3 id={id}>Latency histogram</h3>
      <p className="soft small">Of the last {FRAMES} seconds, in milliseconds up to</p>
      <ul className="legend">
        <li>
          <span className="swatch" style={{ background: 'var(--plot-1)' }} aria-hidden="true" />
          Deliveries <b className="figure">{formatCount(countOf(frames.slice(-FRAMES)))}</b>
        </li>
      </ul>
      <div
        ref={element}
        className="canvas"
        role="img"
        aria-label={`How the latencies of the last ${FRAMES} seconds are spread: ${spoken}`}
      />
    </section>
  );
}

function countOf(frames: readonly Frame[]): number {
  return frames.flatMap(({ buckets }) => buckets).reduce((sum, count) => sum + count, 0);
}

/** Where there is little room. */
function everySecond(labels: readonly string[]): string[] {
  return labels.map((label, index) => (index % 2 === 0 ? '' : label));
}

/** Which part of all latencies fell into each bucket. */
function partsOf(frames: readonly Frame[]): number[] {
  const all = Math.max(1, countOf(frames));
  return addUp(frames.map(({ buckets }) => buckets)).map((count) => count / all);
}

function barOptions(bounds: readonly string[]): PlotOptions {
  const labels = [...bounds, '∞'];
  return (element) => ({
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [-0.6, labels.length - 0.4] },
      y: { range: () => [0, 1] },
    },
    axes: [
      axis(element, {
        splits: () => labels.map((_, index) => index),
        values: (plot) => (plot.width < 400 ? everySecond(labels) : labels),
        grid: { show: false },
        size: 30,
        space: 20,
      }),
      axis(element, { values: (_plot, splits) => splits.map(formatPercent), size: 58, space: 36 }),
    ],
    series: [
      {},
      {
        stroke: () => colorOf(element, '--plot-1'),
        fill: () => colorOf(element, '--plot-1'),
        ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.8] }) }),
        points: { show: false },
      },
    ],
  });
}
