import { createHook } from 'node:async_hooks';
import { onTestFinished } from 'vitest';

/** Timers that clients have set, as long as they are. */
export function clientTimers(): ReadonlySet<number> {
  const timers = new Set<number>();
  const hook = createHook({
    init: (id, kind) => {
      if (kind === 'Timeout' && new Error().stack?.includes('/client/src/')) timers.add(id);
    },
    destroy: (id) => void timers.delete(id),
  }).enable();
  onTestFinished(() => void hook.disable());
  return timers;
}
