/**
 * @param {readonly (readonly string[])[]} rows - the first is the header
 * @returns {string} a table in Markdown, aligned so that a terminal shows it too
 */
export function align(rows) {
  const [first = []] = rows;
  const widths = first.map((_, column) => Math.max(...rows.map((row) => row[column].length), 3));
  const line = (row) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`;
  const [header, ...rest] = rows;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join(
    '\n',
  );
}
