/** Where the colours of plots are: custom properties of `live.css`. */
export type ColorName = '--plot-1' | '--plot-2' | '--plot-3' | '--soft' | '--line';

/**
 * Reads the colour of a custom property as it is for an element now. A canvas knows no `light-dark()`,
 * so a style has to be computed.
 */
export function colorOf(element: HTMLElement, name: ColorName): string {
  const before = element.style.color;
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = before;
  return color;
}

/** Calls back when the theme changes, by the page's button or by the system; the result stops that. */
export function onThemeChange(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  system.addEventListener('change', listener);
  return () => {
    observer.disconnect();
    system.removeEventListener('change', listener);
  };
}
