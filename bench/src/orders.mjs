/** Orders to processes of our own, and their answers, over Node's IPC. */
import { spawn } from 'node:child_process';

const START_TIMEOUT_MS = 30_000;

/**
 * In the process: carries out orders.
 *
 * @param {Readonly<Record<string, (options: never) => unknown>>} handlers - each knows its options
 */
export function obey(handlers) {
  process.on('message', async ({ id, order, options }) => {
    try {
      process.send({ id, result: await handlers[order](options) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
  // Whoever gave the orders is gone.
  process.on('disconnect', () => process.exit());
  process.send({ id: 0 });
}

/** A process that takes orders, on a core of its own. */
export class Worker {
  #child;
  #lastId = 0;
  #waiting = new Map();
  #stderr = '';
  #exited;
  #ready;

  /**
   * @param {object} options
   * @param {string} options.file
   * @param {readonly string[]} [options.args]
   * @param {readonly string[]} [options.flags] - of Node
   * @param {number} [options.core] - absent: the system chooses
   */
  constructor({ file, args = [], flags = [], core }) {
    const command = [process.execPath, ...flags, file, ...args];
    // taskset becomes Node by exec: the process id and the IPC channel stay.
    if (core !== undefined) command.unshift('taskset', '-c', String(core));
    this.#child = spawn(command[0], command.slice(1), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    this.#child.stderr.on('data', (text) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-2_000);
    });
    this.#child.on('message', (answer) => this.#answered(answer));
    // Waited for from the start: it may come before anybody asks.
    this.#ready = this.#wait(0, 'start', START_TIMEOUT_MS);
    this.#ready.catch(() => {});
    this.#exited = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#fail(`Process ${args[0] ?? file} ended (${code ?? signal}): ${this.#stderr}`);
        resolve();
      });
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** Resolves when the process takes orders. */
  ready() {
    return this.#ready;
  }

  /**
   * @param {string} order
   * @param {unknown} [options]
   * @param {number} [timeoutMs]
   * @returns {Promise<any>}
   */
  order(order, options, timeoutMs = 60_000) {
    this.#lastId += 1;
    const answer = this.#wait(this.#lastId, order, timeoutMs);
    this.#child.send({ id: this.#lastId, order, options }, () => {});
    return answer;
  }

  async stop() {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #wait(id, order, timeoutMs) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`No answer to ${order} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  #answered({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(new Error(error));
  }

  #fail(reason) {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error(reason));
    }
    this.#waiting.clear();
  }
}
