import { type ReactElement, useId, useMemo, useState } from 'react';
import type uPlot from 'uplot';
import { axis } from './axes.ts';
import { type Format, formatClock } from './formats.ts';
import type { Frame } from './frame.ts';
import { type ColorName, colorOf } from './plot-theme.ts';
import { type PlotOptions, useUplot } from './use-uplot.ts';

/** One line of a plot. */
export interface Line {
  readonly label: string;
  readonly color: ColorName;
  readonly value: (frame: Frame) => number | undefined;
}

/** What a plot shows. */
export interface PlotDefinition {
  readonly title: string;
  /** What one should see in it. */
  readonly note: string;
  readonly lines: readonly Line[];
  readonly format: Format;
  /** For the axis, where there is little room. */
  readonly formatAxis: Format;
}

interface LinePlotProps {
  readonly definition: PlotDefinition;
  readonly frames: readonly Frame[];
}

/** The last two minutes as lines, with the values of now or of where the pointer is. */
export function LinePlot({ definition, frames }: LinePlotProps): ReactElement {
  const [pointedAt, setPointedAt] = useState<number>();
  const id = useId();
  const options = useMemo(() => plotOptions(definition, setPointedAt), [definition]);
  const data = useMemo(() => alignedData(definition, frames), [definition, frames]);
  const element = useUplot(options, data);

  const frame = (pointedAt === undefined ? undefined : frames[pointedAt]) ?? frames.at(-1);
  const values = definition.lines.map(({ label, color, value }) => {
    const number = frame && value(frame);
    return { label, color, text: number === undefined ? '–' : definition.format(number) };
  });
  const spoken = values.map(({ label, text }) => `${label} ${text}`).join(', ');
  return (
    <section className="card plot" aria-labelledby={id}>
      <h3 id={id}>{definition.title}</h3>
      <p className="soft small">{definition.note}</p>
      <ul className="legend">
        {values.map(({ label, color, text }) => (
          <li key={label}>
            <span className="swatch" style={{ background: `var(${color})` }} aria-hidden="true" />
            {label} <b className="figure">{text}</b>
          </li>
        ))}
        {pointedAt !== undefined && frame && (
          <li className="soft figure">{formatClock(frame.at)}</li>
        )}
      </ul>
      <div
        ref={element}
        className="canvas"
        role="img"
        aria-label={`${definition.title} over the last two minutes, now: ${spoken}`}
      />
    </section>
  );
}

function alignedData({ lines }: PlotDefinition, frames: readonly Frame[]): uPlot.AlignedData {
  return [
    frames.map(({ at }) => at),
    ...lines.map(({ value }) => frames.map((frame) => value(frame) ?? null)),
  ];
}

function plotOptions(
  { lines, formatAxis }: PlotDefinition,
  onPoint: (index: number | undefined) => void,
): PlotOptions {
  return (element) => ({
    legend: { show: false },
    // All plots show the same moment.
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'live' } },
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? undefined)] },
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      axis(element, { values: (_plot, splits) => splits.map(formatClock), size: 30, space: 90 }),
      axis(element, { values: (_plot, splits) => splits.map(formatAxis), size: 58, space: 36 }),
    ],
    series: [
      {},
      ...lines.map(({ label, color }) => ({
        label,
        stroke: () => colorOf(element, color),
        width: 2,
        points: { show: false },
      })),
    ],
  });
}
