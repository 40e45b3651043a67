import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { killOnExit } from './kill-on-exit.ts';
import { randomPort } from './random-port.ts';

/** Lines of a `redis.conf` by their names: `{ requirepass: 'secret' }`. */
export type RedisConfig = Readonly<Record<string, string>>;

/** A Redis of a test's own, which keeps nothing on disk. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #folder: string;
  #process: ChildProcess;

  constructor(process: ChildProcess, folder: string, port: number, password: string | undefined) {
    this.#process = process;
    this.#folder = folder;
    this.port = port;
    const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
    this.url = `redis://${credentials}127.0.0.1:${port}`;
  }

  /** Ends it without a word to its clients; resolves when it is gone. */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  /** Kills it if it still runs, and starts it again on its port, empty. */
  async restart(): Promise<void> {
    await this.kill();
    this.#process = await launch(this.#folder);
  }

  /** Lets it do nothing more: its sockets stay open, the system takes new ones, nobody is answered. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  /** Lets it go on, with all that has come meanwhile. */
  thaw(): void {
    this.#signal('SIGCONT');
  }

  /** Kills it, whatever its state, and removes its folder. Can be called twice. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * Sends one command over a connection of its own, which `CLIENT LIST` shows by the name `test`.
   *
   * @returns the reply; while the server is frozen there is none
   */
  async command(name: string, ...args: readonly (string | number)[]): Promise<unknown> {
    const redis = new Redis(this.url, {
      lazyConnect: true,
      connectionName: 'test',
      disableClientInfo: true,
      enableReadyCheck: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    // The command rejects too.
    redis.on('error', () => undefined);
    try {
      return await redis.call(name, ...args);
    } finally {
      redis.disconnect();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#process.kill(signal)) throw new Error('The Redis of this test does not run');
  }
}

/**
 * Starts a Redis on a free port of this machine; resolves when it answers.
 *
 * @throws when redis-server is not installed, or refuses the configuration
 */
export async function startRedis(config: RedisConfig = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'groupcast-redis-'));
  try {
    for (;;) {
      const port = randomPort();
      await writeFile(join(folder, 'redis.conf'), configText(folder, port, config));
      const child = await launch(folder).catch((error: unknown) => {
        if (isPortTaken(error)) return undefined;
        throw error;
      });
      if (child) return new RedisServer(child, folder, port, config['requirepass']);
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function configText(folder: string, port: number, config: RedisConfig): string {
  const all = {
    bind: '127.0.0.1',
    port: String(port),
    'protected-mode': 'no',
    dir: folder,
    save: '""',
    appendonly: 'no',
    ...config,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

/** Resolves when it says that it is ready; a reply to a PING could be that of another on this port. */
async function launch(folder: string): Promise<ChildProcess> {
  const child = spawn('redis-server', [join(folder, 'redis.conf')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  killOnExit(child);
  let output = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
        if (output.includes('Ready to accept connections')) resolve();
      });
    }
    child.once('error', (error) => reject(explain(error)));
    child.once('close', (code) => {
      reject(new Error(`redis-server has ended with the code ${code}:\n${output}`));
    });
  });
  return child;
}

function explain(error: Error): Error {
  const isMissing = 'code' in error && error.code === 'ENOENT';
  if (!isMissing) return error;
  return new Error(
    'redis-server was not found. On Debian, install it with: apt-get install redis-server',
    { cause: error },
  );
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && error.message.includes('Address already in use');
}
