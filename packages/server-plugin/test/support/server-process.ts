import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type {
  BrokerHealth,
  DisconnectOptions,
  GroupcastOptions,
  Stats,
  UnsubscribeOptions,
} from '@groupcast/fastify';
import { killOnExit } from './kill-on-exit.ts';

const PROGRAM = fileURLToPath(new URL('./server-process.main.mjs', import.meta.url));

/** How long a process may take for one order, or to end after it was closed. */
const PATIENCE_MS = 60_000;

/** What a process needs; all of it crosses as JSON. */
export interface ProcessOptions {
  readonly redisUrl: string;
  /** Who its messages are of. @default its role and a number */
  readonly author?: string;
  /** What `redisEmitter` gets beside the URL: `{ options: { connectTimeout: 100 } }`. */
  readonly emitter?: object;
  /** A module whose `createEmitter({ url, … })` is called in place of `redisEmitter`. */
  readonly emitterModule?: string;
  /** Options of the plugin, or of the broadcaster, that are JSON. */
  readonly options?: Partial<GroupcastOptions>;
  /** The least level that a server logs. @default 'warn' */
  readonly logLevel?: string;
}

/** What the process reads of its command line. */
export interface ProcessSettings extends ProcessOptions {
  readonly role: 'server' | 'worker';
  readonly author: string;
  readonly logLevel: string;
}

/** Broadcasts `times` messages to a group, or to all, without waiting between them. */
export interface BroadcastOrder {
  /** Only an absent key means all. */
  readonly group?: string;
  /** @default 1 */
  readonly times?: number;
  /** The text of each message. @default '' */
  readonly text?: string;
}

/** What became of the broadcasts of one order. */
export interface BroadcastReport {
  /** The `seq` of the first and of the last message: each process counts for each group, from 1. */
  readonly first: number;
  readonly last: number;
  /** Those that were rejected. */
  readonly failures: readonly {
    readonly seq: number;
    readonly code?: string;
    readonly message: string;
  }[];
}

/** One line of a process's log. */
export interface ProcessLogLine {
  /** 40 is a warning, 50 an error. */
  readonly level: number;
  readonly msg: string;
}

/** How a process has ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to its standard error: with it an unhandled rejection ends a process. */
  readonly stderr: string;
}

/** An order as it goes to the process. */
export interface Order {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

/** What a process tells: what becomes of an order, or news of itself. */
type News =
  | { readonly ready: true }
  | { readonly url: string }
  | { readonly health: BrokerHealth['status'] }
  | { readonly id: number; readonly result?: unknown }
  | { readonly id: number; readonly error: { readonly message: string; readonly code?: string } };

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A process that broadcasts, and its orders. */
export class WorkerProcess implements AsyncDisposable {
  readonly author: string;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #orders = 0;
  #output = { stdout: '', stderr: '' };
  #end: ProcessEnd | undefined;

  constructor(settings: ProcessSettings) {
    this.author = settings.author;
    // Not as a part of Vitest: libraries would behave as in tests of their own.
    const { NODE_ENV, NODE_OPTIONS, VITEST, ...env } = process.env;
    this.#child = fork(PROGRAM, [JSON.stringify(settings)], { env, execArgv: [], silent: true });
    killOnExit(this.#child);
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]?.setEncoding('utf8').on('data', (text) => {
        this.#output[name] += text;
      });
    }
    this.#child.on('message', (news) => this.hear(news as News));
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#end = { code, signal, stderr: this.#output.stderr };
        for (const { reject } of this.#waiting.values()) reject(this.#endError(this.#end));
        resolve(this.#end);
      });
    });
  }

  /** Resolves when it takes orders. */
  started(): Promise<void> {
    return this.#expect('started', 0);
  }

  /** What it has logged so far. */
  get log(): readonly ProcessLogLine[] {
    const lines = this.#output.stdout.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  /** Resolves when all of them were taken or rejected. */
  broadcast(order: BroadcastOrder): Promise<BroadcastReport> {
    return this.ask('broadcast', order);
  }

  /**
   * Closes the app and its emitter, and waits for the process to end by itself.
   *
   * @throws when something keeps it running
   */
  async close(): Promise<ProcessEnd> {
    if (this.#end) return this.#end;
    await this.ask('close');
    return this.#inTime('ended', this.ended);
  }

  /** Ends it without a word to anybody. */
  async kill(): Promise<ProcessEnd> {
    this.#child.kill('SIGKILL');
    return await this.ended;
  }

  /** Lets it do nothing more. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  protected ask<Result>(name: string, argument?: object): Promise<Result> {
    this.#orders += 1;
    const order: Order = { id: this.#orders, name, argument };
    const answer = this.#expect<Result>(`answered "${name}"`, order.id);
    // Where the process has ended, the answer says so.
    if (this.#child.connected) this.#child.send(order, () => undefined);
    return answer;
  }

  protected hear(news: News): void {
    if ('ready' in news) this.#take(0)?.resolve(undefined);
    if (!('id' in news)) return;
    const waiting = this.#take(news.id);
    if (!('error' in news)) waiting?.resolve(news.result);
    else waiting?.reject(Object.assign(new Error(news.error.message), news.error));
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #expect<Result>(what: string, id: number): Promise<Result> {
    const answer = new Promise<Result>((resolve, reject) => {
      if (this.#end) reject(this.#endError(this.#end));
      else this.#waiting.set(id, { resolve: (result) => resolve(result as Result), reject });
    });
    return this.#inTime(what, answer);
  }

  /** A process that is late is killed. */
  async #inTime<Result>(what: string, done: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${this.author} has not ${what} within ${PATIENCE_MS} ms`));
        void this.kill();
      }, PATIENCE_MS);
    });
    return await Promise.race([done, late]).finally(() => clearTimeout(timer));
  }

  #endError({ code, signal, stderr }: ProcessEnd): Error {
    return new Error(`${this.author} has ended with ${code ?? signal}\n${stderr}`);
  }
}

/** A process with a server, and its orders. */
export class ServerProcess extends WorkerProcess {
  /** How the broker fared, oldest first; it begins as `up`. */
  readonly healthChanges: BrokerHealth['status'][] = [];
  #url = '';
  #healthWaiters: (() => void)[] = [];

  /** Where clients connect. */
  get url(): string {
    return this.#url;
  }

  get health(): BrokerHealth['status'] {
    return this.healthChanges.at(-1) ?? 'up';
  }

  /** Resolves when the broker's health is so, at once if it is. */
  async healthBecomes(status: BrokerHealth['status']): Promise<void> {
    const hasEnded = this.ended.then(({ stderr }) => {
      throw new Error(`${this.author} has ended before its health became ${status}\n${stderr}`);
    });
    hasEnded.catch(() => undefined);
    while (this.health !== status) {
      const changed = new Promise<void>((resolve) => this.#healthWaiters.push(resolve));
      await Promise.race([changed, hasEnded]);
    }
  }

  stats(): Promise<Stats> {
    return this.ask('stats');
  }

  /** Resolves when nothing is on its way in it. */
  settled(): Promise<void> {
    return this.ask('settled');
  }

  unsubscribe(options: UnsubscribeOptions = {}): Promise<void> {
    return this.ask('unsubscribe', options);
  }

  /** Connections have the `tags` of their `connection_init`. */
  disconnect(options: DisconnectOptions): Promise<void> {
    return this.ask('disconnect', options);
  }

  protected override hear(news: News): void {
    if ('url' in news) this.#url = news.url;
    if ('health' in news) {
      this.healthChanges.push(news.health);
      for (const resolve of this.#healthWaiters.splice(0)) resolve();
    }
    super.hear(news);
  }
}

let forks = 0;

function settingsOf(role: ProcessSettings['role'], options: ProcessOptions): ProcessSettings {
  forks += 1;
  return { logLevel: 'warn', author: `${role} ${forks}`, ...options, role };
}

/** Starts a process with a server of the built package; resolves when it listens. */
export async function forkServer(options: ProcessOptions): Promise<ServerProcess> {
  const server = new ServerProcess(settingsOf('server', options));
  await server.started();
  return server;
}

/** Starts a process that only broadcasts; resolves when it takes orders. */
export async function forkWorker(options: ProcessOptions): Promise<WorkerProcess> {
  const worker = new WorkerProcess(settingsOf('worker', options));
  await worker.started();
  return worker;
}
