import { readFileSync } from 'node:fs';

/** Kinds of nodes that are the engine's own: its code comes and goes with what is hot. */
const ENGINE = new Set(['code', 'hidden', 'synthetic', 'object shape', 'native']);

/**
 * Counts what a heap snapshot holds, by what made it.
 *
 * @param {string} file - as `v8.writeHeapSnapshot` wrote it
 * @returns {Map<string, { count: number, bytes: number }>} by the name of the class; other things by
 *   their kind in brackets
 */
export function countHeap(file) {
  const { snapshot, nodes, strings } = JSON.parse(readFileSync(file, 'utf8'));
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const at = (name) => fields.indexOf(name);
  const [typeAt, nameAt, sizeAt] = [at('type'), at('name'), at('self_size')];
  const kinds = types[typeAt];
  const counts = new Map();
  for (let node = 0; node < nodes.length; node += fields.length) {
    const kind = kinds[nodes[node + typeAt]];
    if (ENGINE.has(kind)) continue;
    const name = kind === 'object' ? strings[nodes[node + nameAt]] : `(${kind})`;
    const known = counts.get(name) ?? { count: 0, bytes: 0 };
    counts.set(name, { count: known.count + 1, bytes: known.bytes + nodes[node + sizeAt] });
  }
  return counts;
}

/**
 * What there is more of, the most bytes first.
 *
 * @param {ReturnType<typeof countHeap>} before
 * @param {ReturnType<typeof countHeap>} after
 * @returns {{ name: string, count: number, bytes: number }[]}
 */
export function heapGrowth(before, after) {
  return [...after]
    .map(([name, { count, bytes }]) => ({
      name,
      count: count - (before.get(name)?.count ?? 0),
      bytes: bytes - (before.get(name)?.bytes ?? 0),
    }))
    .filter(({ count, bytes }) => count > 0 || bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
}
