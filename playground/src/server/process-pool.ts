import cluster, { type Worker } from 'node:cluster';
import { RedisNotice } from './redis-notice.ts';
import type { WorkerNews } from './run-worker.ts';
import type { Settings } from './settings.ts';
import { readyLine } from './start-playground.ts';

/** Milliseconds before a process that has ended is replaced: doubled each time, up to the longest. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** Milliseconds that a process runs before the next wait is a short one again. */
const STABLE_MS = 10_000;
/** Milliseconds that the processes have to let their clients go: somewhat more than `app.close()` takes. */
const CLOSE_MS = 25_000;

/** `first`: one is tried alone, so that what keeps it from listening is told once. */
type PoolState = 'first' | 'others' | 'running' | 'closing';

/** Several processes that share a port; node:cluster hands them the connections in turn. */
export class ProcessPool {
  readonly #process: NodeJS.Process;
  readonly #settings: Settings;
  readonly #notice: RedisNotice;
  /** When each was started. */
  readonly #workers = new Map<Worker, number>();
  readonly #listening = new Set<Worker>();
  readonly #replacements = new Set<NodeJS.Timeout>();
  #state: PoolState = 'first';
  #endedEarly = 0;
  #closeTimer: NodeJS.Timeout | undefined;

  constructor(process: NodeJS.Process, settings: Settings) {
    this.#process = process;
    this.#settings = settings;
    this.#notice = new RedisNotice((text) => process.stdout.write(text));
  }

  /** Starts them. One that ends is replaced, until `close()`. */
  start(): void {
    cluster.on('message', (worker, news: WorkerNews) => this.#hear(worker, news));
    cluster.on('exit', (worker, code, signal) => this.#ended(worker, signal ?? code));
    this.#fork();
  }

  /** Has all of them let their clients go and end; then nothing keeps this process either. */
  close(): void {
    this.#state = 'closing';
    for (const timer of this.#replacements) clearTimeout(timer);
    if (this.#workers.size === 0) return;
    for (const { process } of this.#workers.keys()) process.kill('SIGTERM');
    this.#closeTimer = setTimeout(() => this.kill(), CLOSE_MS);
  }

  /** Ends all of them after a `close()`, whatever they do. */
  kill(): void {
    this.#process.exitCode = 1;
    for (const { process } of this.#workers.keys()) process.kill('SIGKILL');
  }

  #fork(): void {
    this.#workers.set(cluster.fork(), performance.now());
  }

  #hear(worker: Worker, news: WorkerNews): void {
    if ('redisAnswers' in news) return this.#notice.report(worker.id, news.redisAnswers);
    this.#listening.add(worker);
    const { processes } = this.#settings;
    if (this.#state === 'first') {
      this.#state = 'others';
      for (let count = 1; count < processes; count += 1) this.#fork();
    } else if (this.#state === 'others' && this.#listening.size === processes) {
      this.#state = 'running';
      this.#process.stdout.write(readyLine(news.url, this.#settings));
    }
  }

  #ended(worker: Worker, how: number | string): void {
    const startedAt = this.#workers.get(worker) ?? 0;
    this.#workers.delete(worker);
    this.#listening.delete(worker);
    switch (this.#state) {
      case 'first':
        // Where it had the time, it has written why.
        if (typeof how === 'string') this.#write(`The first process has ended (${how})`);
        this.#process.exitCode = 1;
        return;
      case 'others':
      case 'running':
        return this.#replace(worker, how, performance.now() - startedAt);
      case 'closing':
        if (this.#workers.size === 0) clearTimeout(this.#closeTimer);
        return;
      default:
        return this.#state satisfies never;
    }
  }

  #replace({ process, id }: Worker, how: number | string, ranMs: number): void {
    // It does not wait for Redis any more.
    this.#notice.report(id, true);
    this.#endedEarly = ranMs < STABLE_MS ? this.#endedEarly + 1 : 1;
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (this.#endedEarly - 1), LONGEST_WAIT_MS);
    this.#write(`Process ${process.pid} has ended (${how}), another starts in ${waitMs} ms`);
    const timer = setTimeout(() => {
      this.#replacements.delete(timer);
      this.#fork();
    }, waitMs);
    this.#replacements.add(timer);
  }

  #write(sentence: string): void {
    this.#process.stderr.write(`${sentence}\n`);
  }
}
