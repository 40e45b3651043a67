import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Fault } from './fault.ts';
import { type Line, ProxiedConnection } from './proxied-connection.ts';

const HOST = '127.0.0.1';

/** Below the ports that systems give to dialling sockets: one that was left is free again later. */
const PORTS = { min: 20_000, max: 32_000 };

/** A TCP proxy whose line can have faults. */
export class TcpProxy implements Line {
  /** The port behind it. Dials fail while it is undefined. */
  target: number | undefined;
  /** When somebody connected, in milliseconds since the epoch. */
  readonly dials: number[] = [];
  readonly port: number;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  #fault: Fault | undefined;
  #isListening = true;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (client) => this.#accept(client));
  }

  /** Listens on a port of its own. */
  static async listen(): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true });
    for (;;) {
      const port = randomInt(PORTS.min, PORTS.max);
      if (await listens(server, port)) return new TcpProxy(server, port);
    }
  }

  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Puts a fault on the line, in place of the one before. */
  async breakDown(fault: Fault): Promise<void> {
    if (fault.name === 'cut') return this.#cut();
    await this.#change(fault);
  }

  /** Takes the fault off the line. */
  async mend(): Promise<void> {
    await this.#change(undefined);
  }

  /** Cuts all connections and stops listening. */
  async close(): Promise<void> {
    if (this.#isListening) this.#server.close();
    this.#isListening = false;
    const ends = [...this.#connections].map((connection) => connection.closed);
    this.#cut();
    await Promise.all(ends);
  }

  async #change(fault: Fault | undefined): Promise<void> {
    this.#fault = fault;
    for (const connection of this.#connections) connection.obey();
    const mustListen = fault?.name !== 'unreachable';
    if (mustListen === this.#isListening) return;
    this.#isListening = mustListen;
    // Its `close` event would wait for the connections; the port is left at once.
    if (!mustListen) this.#server.close();
    else if (!(await listens(this.#server, this.port))) {
      throw new Error(`Port ${this.port} was taken by somebody else meanwhile`);
    }
  }

  #cut(): void {
    for (const connection of this.#connections) connection.cut();
  }

  #accept(client: Socket): void {
    this.dials.push(Date.now());
    if (this.target === undefined || this.#fault?.name === 'refuse') {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const server = connect({ host: HOST, port: this.target, allowHalfOpen: true });
    const connection = new ProxiedConnection(client, server, this);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }
}

/** Listens if the port is free. */
async function listens(server: Server, port: number): Promise<boolean> {
  server.listen({ host: HOST, port });
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  }
}
