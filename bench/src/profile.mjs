import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The functions of a CPU profile that took the most time themselves.
 *
 * @param {string} file
 * @param {number} count
 * @returns {string[]} lines with their part of the time in which the process was not idle
 */
export function topFunctions(file, count) {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'));
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const selfTimes = new Map();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const name = names.get(id);
    if (name === '(idle)') continue;
    // A delta is the time until its sample: what ran then is that sample's.
    selfTimes.set(name, (selfTimes.get(name) ?? 0) + timeDeltas[index]);
    total += timeDeltas[index];
  }
  return [...selfTimes]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, time]) => `${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`);
}

function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const place = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url;
  return `${name}  ${place}:${lineNumber + 1}`;
}
