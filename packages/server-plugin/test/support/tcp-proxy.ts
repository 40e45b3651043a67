import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGate, type Gate } from './gate.ts';
import { randomPort } from './random-port.ts';

const HOST = '127.0.0.1';

/** The two sockets of one connection: that of who has dialled, and ours to the target. */
type Ends = readonly [Socket, Socket];

/** A line to a port of this machine that a test can cut, freeze, slow down and close. */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #connections = new Set<Ends>();
  /** Closed while the line is frozen. */
  #frozen: Gate | undefined;
  #delayMs = 0;

  constructor(server: Server, port: number, targetPort: number) {
    this.port = port;
    this.#targetPort = targetPort;
    this.#server = server;
    server.on('connection', (client) => this.#connect(client));
  }

  /** How many connections go through it. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Resets all connections; new ones work. */
  cut(): void {
    for (const ends of this.#connections) for (const socket of ends) reset(socket);
  }

  /** Passes on nothing more, not even an end or a reset, as a partition does; new connections are taken. */
  freeze(): void {
    this.#frozen ??= createGate();
    this.#flow();
  }

  /** Passes on what was held; with `drop` it resets the connections that were frozen. */
  thaw({ drop = false }: { readonly drop?: boolean } = {}): void {
    if (drop) this.cut();
    this.#frozen?.open();
    this.#frozen = undefined;
    this.#flow();
  }

  /** Refuses new connections; those that are open stay. */
  refuse(): void {
    // Its `close` event would wait for the connections; the port is left at once.
    if (this.#server.listening) this.#server.close();
  }

  /** Takes connections again. */
  async accept(): Promise<void> {
    if (this.#server.listening) return;
    if (await listens(this.#server, this.port)) return;
    throw new Error(`Port ${this.port} was taken by somebody else meanwhile`);
  }

  /** Brings each byte so much later, in both directions; 0 ends that. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Resets all connections and refuses new ones. Can be called twice. */
  async stop(): Promise<void> {
    this.refuse();
    const closed = [...this.#connections].flat().map(closing);
    this.thaw({ drop: true });
    await Promise.all(closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #connect(client: Socket): void {
    const target = connect({ host: HOST, port: this.#targetPort, allowHalfOpen: true });
    const ends: Ends = [client, target];
    this.#connections.add(ends);
    void Promise.all(ends.map(closing)).then(() => this.#connections.delete(ends));
    this.#carry(client, target);
    this.#carry(target, client);
    this.#flow();
  }

  #carry(from: Socket, to: Socket): void {
    let last: Promise<unknown> = Promise.resolve();
    const inOrder = (act: () => void): void => {
      const due = performance.now() + this.#delayMs;
      last = last.then(() => this.#passable(due)).then(act);
    };
    from.setNoDelay(true);
    from.on('data', (chunk) =>
      inOrder(() => {
        if (!to.writable || to.write(chunk)) return;
        // A reader that is slow behind the proxy must be slow before it too.
        from.pause();
        to.once('drain', () => this.#flow());
      }),
    );
    from.on('end', () => inOrder(() => to.end()));
    from.on('error', () => inOrder(() => reset(to)));
  }

  async #passable(due: number): Promise<void> {
    const ms = due - performance.now();
    if (ms > 0) await sleep(ms);
    while (this.#frozen !== undefined) await this.#frozen.passed;
  }

  /** Paused, a socket's bytes and its end wait in the system. */
  #flow(): void {
    for (const socket of [...this.#connections].flat()) {
      if (this.#frozen === undefined) socket.resume();
      else socket.pause();
    }
  }
}

/** Starts a proxy on a port of its own; nothing must listen on the target yet. */
export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const server = createServer({ allowHalfOpen: true });
  for (;;) {
    const port = randomPort();
    if (await listens(server, port)) return new TcpProxy(server, port, targetPort);
  }
}

async function listens(server: Server, port: number): Promise<boolean> {
  server.listen({ host: HOST, port });
  return once(server, 'listening').then(
    () => true,
    () => false,
  );
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** A socket that is ending, or not connected yet, cannot be reset any more. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
