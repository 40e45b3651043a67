import { watchRedis } from './redis-notice.ts';
import type { Settings } from './settings.ts';
import { createFor, listen } from './start-playground.ts';

/** What one of several processes tells the one that has started it. */
export type WorkerNews = { readonly url: string } | { readonly redisAnswers: boolean };

/**
 * Runs the playground as one of several processes on a port, until SIGTERM.
 *
 * Tells the process that has started it where it listens and whether Redis answers, and ends with
 * it. When it can't listen it says why, and ends with the code 1.
 */
export async function runWorker(process: NodeJS.Process, settings: Settings): Promise<void> {
  // Ctrl+C reaches all processes of a terminal; the one that has started this one ends it.
  process.on('SIGINT', () => undefined);
  const tell = (news: WorkerNews): void => void process.send?.(news);
  // Who has started this one starts another when it ends.
  const app = await createFor(settings, { restart: () => close() });
  let stopWatching = (): void => undefined;
  let isClosing = false;
  const close = (): void => {
    if (isClosing) return;
    isClosing = true;
    stopWatching();
    void app.close().finally(() => process.exit());
  };
  // May come twice: from who ends all processes of a group, and from the one that has started this.
  process.on('SIGTERM', close);
  const start = await listen(app, settings);
  if (start.name === 'failed') {
    process.stderr.write(`${start.sentence}\n`);
    process.exit(1);
  }
  tell({ url: start.url });
  stopWatching = watchRedis(app, (redisAnswers) => tell({ redisAnswers }));
}
