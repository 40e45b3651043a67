import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { killOnExit } from '../../packages/server-plugin/test/support/kill-on-exit.ts';

const MAIN = fileURLToPath(new URL('../dist/server/main.js', import.meta.url));

/** How a playground has ended. */
export interface PlaygroundEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What `/stats` of one process says. */
export interface ProcessStats {
  readonly pid: number;
  readonly health: string;
  readonly connections: number;
}

/** The built playground as `npm start` runs it, in a process of its own or several. */
export class PlaygroundProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<PlaygroundEnd>;
  #output = '';
  #wake: () => void = () => undefined;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    // Not as a part of Vitest: libraries would behave as in tests of their own.
    const { NODE_ENV, NODE_OPTIONS, VITEST, ...own } = process.env;
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...own, PORT: '0', LOG_LEVEL: 'silent', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, as in a terminal.
      detached: true,
    });
    killOnExit(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        this.#output += text;
        this.#wake();
      });
    }
    this.#ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }));
    void this.#ended.then(() => this.#wake());
  }

  /** All that it has written so far. */
  get output(): string {
    return this.#output;
  }

  /** Where it listens; known once it has said so. */
  get url(): string {
    return /http:\/\/[\d.]+:\d+/.exec(this.#output)?.[0] ?? '';
  }

  /** Resolves with the part of its output that fits, as soon as it has written that. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#output)?.[0];
      if (found !== undefined) return found;
      const { exitCode, signalCode } = this.#child;
      if (exitCode !== null || signalCode !== null) {
        throw new Error(`It has ended without having said ${pattern}:\n${this.#output}`);
      }
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  async ready(): Promise<this> {
    await this.says(/is ready: .+\n/);
    return this;
  }

  /** @param to - `toAll` sends it to each of its processes, as a terminal does */
  signal(name: NodeJS.Signals, to: { readonly toAll?: boolean } = {}): void {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('The playground was not started');
    process.kill(to.toAll ? -pid : pid, name);
  }

  ended(): Promise<PlaygroundEnd> {
    return this.#ended;
  }

  post(room: string, text: string): Promise<Response> {
    return fetch(`${this.url}/rooms/${room}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ author: 'curl', text }),
    });
  }

  /** Asks on new connections until so many processes have answered; gives the last that each has said. */
  async stats(processes: number): Promise<ReadonlyMap<number, ProcessStats>> {
    const found = new Map<number, ProcessStats>();
    while (found.size < processes) {
      const response = await fetch(`${this.url}/stats`, { headers: { connection: 'close' } });
      const stats = (await response.json()) as ProcessStats;
      found.set(stats.pid, stats);
    }
    return found;
  }

  /** Ends all its processes, whatever they do. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/** Whether there is such a process. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
