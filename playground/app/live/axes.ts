import type uPlot from 'uplot';
import { colorOf } from './plot-theme.ts';

const FONT = '12px system-ui, "DejaVu Sans", sans-serif';

/** What all axes have in common: the theme's colours. */
export function axis(element: HTMLElement, options: uPlot.Axis): uPlot.Axis {
  const line = (): string => colorOf(element, '--line');
  return {
    font: FONT,
    stroke: () => colorOf(element, '--soft'),
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
    ...options,
  };
}
