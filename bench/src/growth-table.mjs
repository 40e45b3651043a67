import { align } from './align.mjs';
import { lineCharts } from './charts.mjs';
import { pointId, series } from './growth.mjs';
import { BASE, OURS } from './peers.mjs';

/**
 * A table for each series: what a delivery costs raw and ours at each point.
 *
 * @param {import('./results.mjs').Results} results
 * @returns {string[]} Markdown
 */
export function growthTables(results) {
  return series.map((each) => {
    const rows = each.points.map((point) => {
      const [raw, ours] = cells(results, each, point);
      return [
        point.toLocaleString('en-US'),
        raw === undefined ? '–' : raw.figure.toFixed(1),
        ours === undefined ? '–' : ours.figure.toFixed(1),
        ours === undefined || raw === undefined ? '–' : `${ours.value.toFixed(2)}x`,
      ];
    });
    const table = align([[each.unit, 'raw µs', 'ours µs', 'ratio'], ...rows]);
    return `${upperFirst(each.id)}. ${each.title}.\n\n${table}`;
  });
}

/**
 * What is claimed of ours: that a delivery costs the same however many there are.
 *
 * @param {import('./results.mjs').Results} results
 * @returns {{ line: string, holds: boolean }[]} one for each series of which it is claimed
 */
export function flatClaims(results) {
  return series.flatMap((each) => {
    if (each.flatWithin === undefined) return [];
    const figures = each.points.flatMap((point) => cells(results, each, point)[1]?.figure ?? []);
    const factor = Math.max(...figures) / Math.min(...figures);
    const holds = figures.length === each.points.length && factor <= each.flatWithin;
    const measured =
      figures.length === each.points.length
        ? `the dearest delivery costs ${factor.toFixed(2)} times the cheapest`
        : 'not all was measured';
    return {
      line: `${holds ? 'Flat' : 'NOT FLAT'} in ${each.id}: ${measured}; allowed are ${each.flatWithin} times.`,
      holds,
    };
  });
}

/** @param {import('./results.mjs').Results} results */
export function growthCharts(results) {
  const charts = series.map((each) => ({
    title: upperFirst(each.id),
    unit: each.unit,
    points: each.points,
    lines: [BASE, OURS].map((name, index) => ({
      name,
      values: each.points.map((point) => cells(results, each, point)[index]?.figure),
    })),
  }));
  return lineCharts({ title: 'Server CPU per delivery, in µs', charts });
}

function cells(results, each, point) {
  return [BASE, OURS].map((name) => results.cell(name, pointId(each, point), 'cpu'));
}

function upperFirst(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
