import { fileURLToPath } from 'node:url';
import { Worker } from './orders.mjs';

const SERVER_CORE = 0;
const LOAD_CORE = 1;

/** A server and the load generator that is its client, in fresh processes. */
export class Pair {
  #dialect;

  /**
   * @param {object} options
   * @param {import('./peers.mjs').Peer} options.server
   * @param {boolean} options.isPinned - to cores
   */
  constructor({ server, isPinned }) {
    this.#dialect = server.dialect;
    this.server = new Worker({
      file: fileURLToPath(new URL('server-process.mjs', import.meta.url)),
      args: [server.module.includes(':') ? server.module : `${server.module}.mjs`],
      flags: ['--expose-gc'],
      core: isPinned ? SERVER_CORE : undefined,
    });
    this.load = new Worker({
      file: fileURLToPath(new URL('load-process.mjs', import.meta.url)),
      core: isPinned ? LOAD_CORE : undefined,
    });
  }

  /** Resolves when both take orders and know of each other. */
  async ready() {
    await Promise.all([this.server.ready(), this.load.ready()]);
    const port = await this.server.order('port');
    const pacePort = await this.server.order('pacePort');
    await this.load.order('target', { port, pacePort, dialect: this.#dialect });
  }

  async stop() {
    await Promise.all([this.load.stop(), this.server.stop()]);
  }
}
