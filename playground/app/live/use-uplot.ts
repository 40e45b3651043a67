import 'uplot/dist/uPlot.min.css';
import { type RefObject, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { onThemeChange } from './plot-theme.ts';

/** The height of a plot in CSS pixels. */
const HEIGHT = 160;

/** Makes the options of a plot; its width and height are set here. */
export type PlotOptions = (element: HTMLElement) => Omit<uPlot.Options, 'width' | 'height'>;

/**
 * Keeps a plot in an element: as wide as it is, in the colours of the theme, with the latest data.
 *
 * @param options - taken when the plot is made; must be the same function for each render
 */
export function useUplot(
  options: PlotOptions,
  data: uPlot.AlignedData,
): RefObject<HTMLDivElement | null> {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(data);

  useEffect(() => {
    latest.current = data;
    plot.current?.setData(data);
  }, [data]);

  useEffect(() => {
    const parent = element.current;
    if (parent === null) return undefined;
    const size = { width: parent.clientWidth, height: HEIGHT };
    const made = new uPlot({ ...options(parent), ...size }, latest.current, parent);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize({ width: parent.clientWidth, height: HEIGHT });
    });
    observer.observe(parent);
    const stopTheme = onThemeChange(() => made.redraw(false));
    return () => {
      stopTheme();
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [options]);

  return element;
}
