const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });

/** Writes a figure. */
export type Format = (value: number) => string;

export const formatCount: Format = (value) =>
  Math.abs(value) < 10 ? tenths.format(value) : whole.format(value);

/** For axes, where there is little room. */
export const formatShort: Format = (value) => compact.format(value);

export const formatMs: Format = (value) =>
  value >= 1_000 ? `${tenths.format(value / 1_000)} s` : `${formatCount(value)} ms`;

export const formatPercent: Format = (value) => percent.format(value);

export const formatBytes: Format = (value) => {
  if (value < 1_000) return `${whole.format(value)} B`;
  if (value < 1_000_000) return `${tenths.format(value / 1_000)} kB`;
  return `${tenths.format(value / 1_000_000)} MB`;
};

/** @param at - in seconds since 1970 */
export const formatClock: Format = (at) => clock.format(at * 1_000);

/** Minutes and seconds, as a clock that runs down. */
export const formatLeft: Format = (ms) => {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};
