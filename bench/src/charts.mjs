/** Line charts side by side, as SVG. */

const COLUMNS = 3;
const CHART = { width: 300, height: 220, left: 40, right: 26, top: 36, bottom: 44 };
const HEAD = 56;
/** With a background of their own they look the same on light and dark pages. */
const BACKGROUND = '#ffffff';
const TEXT = '#1f2328';
const FAINT = '#d1d9e0';
const COLOURS = ['#57606a', '#0550ae'];
const DASHES = ['5 3', 'none'];
const Y_TICKS = 4;

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} unit - of the points
 * @property {readonly number[]} points - on a logarithmic axis
 * @property {readonly { name: string, values: readonly (number | undefined)[] }[]} lines - the same in all charts
 *
 * @param {object} options
 * @param {string} options.title - which also names the unit of the values
 * @param {readonly Chart[]} options.charts
 * @returns {string} an SVG document
 */
export function lineCharts({ title, charts }) {
  const width = COLUMNS * CHART.width;
  const height = HEAD + Math.ceil(charts.length / COLUMNS) * CHART.height;
  const parts = charts.map((chart, index) => {
    const x = (index % COLUMNS) * CHART.width;
    const y = HEAD + Math.floor(index / COLUMNS) * CHART.height;
    return `<g transform="translate(${x} ${y})">\n${drawChart(chart).join('\n')}\n</g>`;
  });
  const names = charts[0]?.lines.map(({ name }) => name) ?? [];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="11" fill="${TEXT}">
<title>${escapeMarkup(title)}</title>
<rect width="${width}" height="${height}" fill="${BACKGROUND}"/>
${text({ x: 12, y: 24, size: 15 }, title)}
${names.map((name, index) => legend(name, index)).join('\n')}
${parts.join('\n')}
</svg>
`;
}

function legend(name, index) {
  const x = 12 + index * 90;
  return `${line({ x1: x, y1: 42, x2: x + 24, y2: 42 }, strokeOf(index))}\n${text({ x: x + 30, y: 46 }, name)}`;
}

function drawChart({ title, unit, points, lines }) {
  const top = niceAbove(
    Math.max(...lines.flatMap(({ values }) => values.map((each) => each ?? 0))),
  );
  const inner = {
    width: CHART.width - CHART.left - CHART.right,
    height: CHART.height - CHART.top - CHART.bottom,
  };
  const [first, last] = [Math.log(points[0]), Math.log(points[points.length - 1])];
  const x = (point) =>
    round(CHART.left + (inner.width * (Math.log(point) - first)) / (last - first));
  const y = (value) => round(CHART.top + inner.height * (1 - value / top));
  return [
    text({ x: CHART.left, y: 18, size: 12, bold: true }, title),
    ...yAxis(top, y),
    ...points.map((point) =>
      text({ x: x(point), y: CHART.height - 26, anchor: 'middle' }, point.toLocaleString('en-US')),
    ),
    text({ x: CHART.left + inner.width / 2, y: CHART.height - 10, anchor: 'middle' }, unit),
    ...lines.flatMap(({ values }, index) => {
      const known = points.flatMap((point, at) =>
        values[at] === undefined ? [] : [{ x: x(point), y: y(values[at]) }],
      );
      const path = known.map((each) => `${each.x},${each.y}`).join(' ');
      return [
        `<polyline points="${path}" fill="none" ${strokeOf(index)}/>`,
        ...known.map(
          (each) => `<circle cx="${each.x}" cy="${each.y}" r="3" fill="${COLOURS[index]}"/>`,
        ),
      ];
    }),
  ];
}

function yAxis(top, y) {
  return Array.from({ length: Y_TICKS + 1 }, (_, index) => (top * index) / Y_TICKS).flatMap(
    (value) => [
      line(
        { x1: CHART.left, y1: y(value), x2: CHART.width - CHART.right, y2: y(value) },
        `stroke="${FAINT}"`,
      ),
      text({ x: CHART.left - 6, y: y(value) + 4, anchor: 'end' }, `${round(value)}`),
    ],
  );
}

/** The least of 4, 8, 20, 40, 80, 200 … that is not below: four steps of it are even. */
function niceAbove(value) {
  for (let scale = 1; ; scale *= 10) {
    for (const factor of [4, 8, 12, 20]) if (factor * scale >= value) return factor * scale;
  }
}

function strokeOf(index) {
  return `stroke="${COLOURS[index]}" stroke-width="2" stroke-dasharray="${DASHES[index]}"`;
}

function line(ends, stroke) {
  const attributes = Object.entries(ends).map(([name, value]) => `${name}="${value}"`);
  return `<line ${attributes.join(' ')} ${stroke}/>`;
}

function text({ x, y, size, bold, anchor }, content) {
  const attributes = [`x="${x}"`, `y="${y}"`];
  if (size !== undefined) attributes.push(`font-size="${size}"`);
  if (bold) attributes.push('font-weight="600"');
  if (anchor !== undefined) attributes.push(`text-anchor="${anchor}"`);
  return `<text ${attributes.join(' ')}>${escapeMarkup(content)}</text>`;
}

function escapeMarkup(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function round(number) {
  return Math.round(number * 10) / 10;
}
