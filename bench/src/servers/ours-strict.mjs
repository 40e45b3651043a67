import { startOurs } from './ours.mjs';

export function start() {
  return startOurs({ options: { strictOrdering: true } });
}
