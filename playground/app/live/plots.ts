import { formatBytes, formatCount, formatMs, formatShort } from './formats.ts';
import type { PlotDefinition } from './line-plot.tsx';

/** The plots, in their order on the page. */
export const PLOTS: readonly PlotDefinition[] = [
  {
    title: 'Work per second',
    note: 'Few results for many deliveries: subscribers share',
    format: formatCount,
    formatAxis: formatShort,
    lines: [
      { label: 'Deliveries', color: '--plot-1', value: ({ deliveries }) => deliveries },
      { label: 'Results computed', color: '--plot-2', value: ({ computed }) => computed },
      { label: 'Broadcasts', color: '--plot-3', value: ({ broadcasts }) => broadcasts },
    ],
  },
  {
    title: 'Latency',
    note: 'From the broadcast until a result is given to its connection',
    format: formatMs,
    formatAxis: formatMs,
    lines: [
      { label: 'Median', color: '--plot-1', value: ({ latencyP50Ms }) => latencyP50Ms },
      { label: '99 %', color: '--plot-2', value: ({ latencyP99Ms }) => latencyP99Ms },
    ],
  },
  {
    title: 'Event-loop delay',
    note: 'How late timers fire; of several processes, the busiest',
    format: formatMs,
    formatAxis: formatMs,
    lines: [
      { label: 'Median', color: '--plot-1', value: ({ loopP50Ms }) => loopP50Ms },
      { label: '99 %', color: '--plot-2', value: ({ loopP99Ms }) => loopP99Ms },
    ],
  },
  {
    title: 'Queues',
    note: 'What waits for slow subscribers, and what they lose',
    format: formatCount,
    formatAxis: formatShort,
    lines: [
      { label: 'Queued', color: '--plot-1', value: ({ queued }) => queued },
      { label: 'Dropped per second', color: '--plot-2', value: ({ dropped }) => dropped },
    ],
  },
  {
    title: 'Bytes',
    note: 'What goes to sockets, and what clients have not read',
    format: formatBytes,
    formatAxis: formatBytes,
    lines: [
      { label: 'Sent per second', color: '--plot-1', value: ({ bytesSent }) => bytesSent },
      { label: 'Waiting', color: '--plot-2', value: ({ bytes }) => bytes },
    ],
  },
  {
    title: 'Cohorts',
    note: 'Those who may share; as many as places in groups: nobody does',
    format: formatCount,
    formatAxis: formatShort,
    lines: [
      { label: 'Places in groups', color: '--plot-1', value: ({ members }) => members },
      { label: 'Cohorts', color: '--plot-2', value: ({ cohorts }) => cohorts },
      { label: 'Connections', color: '--plot-3', value: ({ connections }) => connections },
    ],
  },
];
